"""AWS's prices, as prices.toml cites them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("prices.toml")


class Item(StrEnum):
    """What AWS bills."""

    S3_PUT = "s3_put"
    S3_GET = "s3_get"
    S3_STORAGE = "s3_storage"
    LAMBDA_REQUEST = "lambda_request"
    LAMBDA_DURATION_ARM64 = "lambda_duration_arm64"
    SQS_REQUEST = "sqs_request"
    LOG_INGESTION = "log_ingestion"
    LOG_STORAGE = "log_storage"
    CUSTOM_METRIC = "custom_metric"
    ALARM_METRIC = "alarm_metric"
    DASHBOARD = "dashboard"
    KMS_KEY = "kms_key"
    KMS_REQUEST = "kms_request"


@dataclass(frozen=True, slots=True)
class Price:
    """What so many units of an item cost."""

    dollars: float
    per: int
    """For so many units."""
    unit: str
    source: str
    """AWS's page."""

    def of(self, quantity: float) -> float:
        """Return what a quantity of units costs, in dollars."""
        return self.dollars * quantity / self.per


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region on one day."""

    region: str
    as_of: str
    """The month in which AWS's pages were looked up; year and month."""
    prices: Mapping[Item, Price]


def load_prices(file: Path = _FILE) -> PriceList:
    """Read a price list.

    Args:
        file: TOML, as prices.toml is.

    Raises:
        ValueError: an item has no price, a price is of no item, below zero or without a source.
    """
    return parse_prices(tomllib.loads(file.read_text(encoding="utf-8")))


def parse_prices(content: Mapping[str, Any]) -> PriceList:
    """Make a price list of what a file holds.

    Raises:
        ValueError: an item has no price, a price is of no item, below zero or without a source.
    """
    named: Mapping[str, Mapping[str, Any]] = content["prices"]
    if missing := sorted(set(Item) - set(named)):
        raise ValueError(f"No price of: {', '.join(missing)}")
    # An item that does not exist is a ValueError of the enumeration's own.
    prices = {Item(name): Price(**fields) for name, fields in named.items()}
    for item, price in prices.items():
        if price.dollars < 0 or price.per < 1 or not price.source.startswith("https://"):
            raise ValueError(f"The price of {item} is not usable: {price}")
    return PriceList(content["region"], content["as_of"], prices)
