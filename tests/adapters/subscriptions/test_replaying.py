"""A replay brings the events of a key in their order, though copying takes as long as it takes."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date

from adapters.clock import wall_clock_ms
from adapters.delivery.outbox import Outbox
from adapters.own_records import OwnRecords
from adapters.registry import SchemaRegistry
from adapters.subscriptions.fold import SubscriptionFold
from adapters.subscriptions.replaying import Replayer
from adapters.transport.memory import MemoryTransport
from contracts.catalogue import Grant
from contracts.channels import event
from contracts.envelope import Envelope, Kind
from contracts.outcome import Pattern
from contracts.ports import ChannelSpec, Message, Partition, Position
from contracts.subscriptions import SealedSecret, Subscription, SubscriptionState, changed, subscription_inboxes
from contracts.testkit.exchanges import submission
from tests.adapters.subscriptions.test_fold import MADE

