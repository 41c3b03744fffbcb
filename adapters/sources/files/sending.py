"""Bringing one row in: again and again while the log or intake is away, until it is an event or is rejected."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from typing import Final, NamedTuple

from adapters.delivery.turns import Turns
from adapters.sources.fence import Fence
from adapters.sources.files.rows import Row
from adapters.sources.files.window import End
from adapters.sources.readback import FILE, ROW
from adapters.sources.records import Recorder, told
from contracts.errors import BusError, FieldError, LogError, LogOverloaded, LogUnknown, Rejected, field_error
from contracts.ports import Submitted

log = logging.getLogger(__name__)

_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 5.0
_PERSON_WAIT_S: Final = 30.0
_MOST_TRIES: Final = 3


class Ended(NamedTuple):
    """What became of a row; of a rejected one, where it is wrong and why."""

    end: End
    field: str = ""
    reason: str = ""


class Sender:
    """Brings in the rows of one source. Used from one event loop."""

    def __init__(self, source: str, recorder: Recorder, major: int, fence: Fence) -> None:
        self._source = source
        self._recorder = recorder
        self._major = major
        self._fence = fence
        self._trouble = ""
        self._turns = Turns()
        self._is_new = self._is_old = False

    def begin(self) -> None:
        """What is prepared from here on is of another file, or of one that may have been away."""
        self._is_new = self._is_old = False

    def prepare(self, row: Row, sha256: str) -> Submitted | Ended:
        """What is to be submitted for a row; or that it is rejected already."""
        if row.fault is not None:
            return self._rejected((row.fault,))
        recorder = self._recorder
        try:
            key = recorder.key_of(row.record, sha256, row.number)
            record = recorder.record(row.record, key)
        except Rejected as error:
            return self._rejected(error.fields, error.detail)
        except Exception as error:  # noqa: BLE001 - one row shall not stop all those behind it
            return self._failed(row.number, error)
        attributes = ((FILE, sha256), (ROW, str(row.number)))
        is_new = self._is_new and not recorder.key
        return Submitted(recorder.system, recorder.contract, self._major, record, key, attributes, is_new)

    async def send(self, submitted: Submitted) -> Ended:
        """Bring it in, after all that came before it and has to keep its order with it.

        LeaseLost; then it may have been brought in or not.
        """
        order = self._recorder.order_of(submitted.record)
        if order is None:
            return await self._send(submitted)
        async with self._turns.of(order):
            return await self._send(submitted)

    async def _send(self, submitted: Submitted) -> Ended:
        wait_s, tries, doubtful = _FIRST_WAIT_S, 0, False
        while True:
            self._fence.check()
            try:
                taken_in = await self._recorder.tools.intake.accept(submitted)
            except Rejected as error:
                self._goes_on()
                return self._rejected(error.fields, error.detail)
            except LogOverloaded as error:
                self._waits(error)
                pause_s = error.retry_after_s
            except LogError as error:
                self._waits(error)
                if isinstance(error, LogUnknown):
                    doubtful, submitted = True, replace(submitted, is_new=False)
                pause_s, wait_s = wait_s, min(2 * wait_s, _LONGEST_WAIT_S)
            except BusError as error:
                self._waits(error)
                pause_s = _PERSON_WAIT_S
            except Exception as error:  # noqa: BLE001 - see above
                tries += 1
                if tries == _MOST_TRIES:
                    return self._failed(int(dict(submitted.attributes)[ROW]), error)
                pause_s = wait_s
            else:
                self._goes_on()
                repeated = taken_in.repeated and not doubtful
                self._learn(repeated=repeated)
                # A row without a key of its own is known by its file: then it is this very row that was there before.
                return Ended(End.REPEATED if repeated and self._recorder.key else End.EVENT)
            await self._fence.sleep(pause_s)

    def _learn(self, *, repeated: bool) -> None:
        """Rows that are known by their file are new where the file is. Its notes say whether it is, unless it is older
        than they reach: so intake looks for rows until one turned out to be new; where one was there, for each."""
        self._is_old = self._is_old or repeated
        self._is_new = not self._is_old

    def _rejected(self, fields: tuple[FieldError, ...], detail: str = "") -> Ended:
        return Ended(End.REJECTED, *told(fields, detail, self._recorder.tools.language))

    def _failed(self, number: int, error: Exception) -> Ended:
        # Where, but not with what: a message may quote the row.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s: row %d failed with %s\n%s", self._source, number, type(error).__name__, frames)
        return self._rejected((field_error("", "row_failed", error=type(error).__name__),))

    def _waits(self, error: BusError) -> None:
        if self._trouble != type(error).__name__:
            self._trouble = type(error).__name__
            log.warning("%s: its rows wait: %s", self._source, error)
            self._recorder.tools.metrics.waiting(self._source, is_waiting=True)

    def _goes_on(self) -> None:
        if self._trouble:
            self._trouble = ""
            log.info("%s: its rows go on", self._source)
            self._recorder.tools.metrics.waiting(self._source, is_waiting=False)
