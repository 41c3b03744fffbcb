"""Every property that a model of NGSI-LD, or of open data, names is in the field table: mapped, or left out."""

from __future__ import annotations

import pytest

from adapters.workspace.standard_contracts import standard_contract
from contracts.json_types import parts_of

GSMA = "id type dateCreated dateModified source name alternateName description dataProvider owner seeAlso @context"
AIR = """
location address dateObserved areaServed airQualityIndex airQualityLevel reliability as c6h6 cd co coLevel co2 ni no no2
nox o3 pm10 pm25 pb precipitation relativeHumidity sh2 so2 typeofLocation volatileOrganicCompoundsTotal refDevice
refPointOfInterest refWeatherObserved temperature windDirection windSpeed pm1
"""
WATER = """
location address dateObserved areaServed Al As B Ba Cd Chla Cl- Cr Cr-III Cr-VI Cu Fe Hg N-TOT NH3 NH4 NO2 NO3 Ni O2
P-PO4 P-TOT PC PE PO4 Pb Se Sn THC TKN TO Zn alkalinity anionic-surfactants bod cationic-surfactants cod
componentAnalyzed componentName concentration conductance conductivity enterococci escherichiaColi flow fluoride
measurand non-ionic-surfactants orp pH refPointOfInterest salinity sulphate sulphite tds temperature total-surfactants
tss turbidity
"""
WASTE = """
location address areaServed color image annotations fillingLevel category cargoWeight temperature methaneConcentration
storedWasteKind storedWasteOrigin storedWasteCode serialNumber regulation responsible dateServiceStarted
dateLastEmptying nextActuationDeadline actuationHours dateLastCleaning nextCleaningDeadline isleId status
refWasteContainerModel refWasteContainerIsle refDevice timeInstant binCapacity binColor wardId license_plate RFID
binFullnessThreshold binRecommendedLoad binId binMaxLoad binLoggedTime
"""
PLACE_OF_INTEREST = """
location address areaServed category contactPoint refSeeAlso wardId zoneId additionalInfoURL zoneName municipalityInfo
title relevance image price capacity occupancy
"""
PERMIT = """
PermitNum Description IssuedDate CompletedDate StatusCurrent OriginalAddress1 OriginalAddress2 OriginalCity
OriginalState OriginalZip Jurisdiction PermitClass PermitClassMapped StatusCurrentMapped AppliedDate WorkClass
WorkClassMapped PermitType PermitTypeMapped PermitTypeDesc StatusDate TotalSqFt Link Latitude Longitude EstProjectCost
HousingUnits PIN ContractorCompanyName ContractorTrade ContractorTradeMapped ContractorLicNum ContractorStateLic
ProposedUse AddedSqFt RemovedSqFt MasterPermitNum ExpiresDate COIssuedDate HoldDate VoidDate ProjectName ProjectId
TotalFinishedSqFt TotalUnfinishedSqFt TotalHeatedSqFt TotalUnheatedSqFt TotalAccSqFt TotalSprinkledSqFt ExtraFields
Publisher Fee ContractorFullName ContractorCompanyDesc ContractorPhone ContractorAddress1 ContractorAddress2
ContractorCity ContractorState ContractorZip ContractorEmail
"""
CERTIFICATION = """
@context @type name certificationIdentification logo about validFrom auditDate expires certificationRating validIn
hasMeasurement issuedBy certificationStatus datePublished
"""


@pytest.mark.parametrize(
    ("name", "slug", "properties", "ours"),
    [
        ("environment.air-observation", "ngsi-ld", GSMA + AIR, {"stationCode"}),
        ("environment.water-observation", "ngsi-ld", GSMA + WATER, set()),
        ("environment.waste-container", "ngsi-ld", GSMA + WASTE, set()),
        ("tourism.site", "ngsi-ld", GSMA + PLACE_OF_INTEREST, set()),
        ("construction.permit", "blds", PERMIT, set()),
        ("food-safety.certificate", "schema-org", CERTIFICATION, set()),
    ],
)
def test_the_table_has_every_property_of_the_model_and_no_other(
    name: str, slug: str, properties: str, ours: set[str]
) -> None:
    """`ours` are those that we add where the model lets us."""
    (standard,) = (each for each in standard_contract(name).standards if each.slug == slug)
    listed = {parts_of(row.standard_field)[0] for row in standard.rows if row.standard_field}
    assert listed == set(properties.split()) | ours
