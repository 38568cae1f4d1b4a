"""Functions of the Railway provider: questions a program asks while it runs, in previews too."""

from collections.abc import Sequence
from typing import Any

import pulumi

from pulumi_railway.resource import output_type

_VERIFY = "railway:index:verifySecretVersions"


@output_type
class SecretProblem(dict[str, str]):
    """Why a reference cannot be used; a mapping with the same three keys."""

    reference: str
    """The reference that was asked about."""

    problem: str
    """What is wrong: no such secret, no version, disabled, destroyed, no permission to look."""

    remedy: str
    """The command or change that mends it."""


@output_type
class VerifySecretVersionsResult:
    """The answer of `verify_secret_versions`."""

    problems: Sequence[SecretProblem]
    """One entry for each reference that cannot be used, in the order they were given."""


def verify_secret_versions(
    references: Sequence[str], opts: pulumi.InvokeOptions | None = None
) -> VerifySecretVersionsResult:
    """Tell which secret versions (`projects/P/secrets/S/versions/N`) cannot be used, and what mends each.

    Blocks the program until the answer is there. Reads metadata only, so no permission to read a payload is needed.
    Finds nothing in a preview that does not know the provider's configuration yet.
    Raises an `Exception` of the SDK where Secret Manager itself cannot be asked.

    Source: https://cloud.google.com/secret-manager/docs/reference/rest
    """
    answer = pulumi.runtime.invoke(_VERIFY, {"references": list(references)}, opts, typ=VerifySecretVersionsResult)
    result: VerifySecretVersionsResult = answer.value
    return VerifySecretVersionsResult(problems=result.problems or [])


def verify_secret_versions_output(
    references: pulumi.Input[Sequence[pulumi.Input[str]]],
    opts: pulumi.InvokeOptions | pulumi.InvokeOutputOptions | None = None,
) -> pulumi.Output[VerifySecretVersionsResult]:
    """The same as an output; what a preview does not know yet is asked by the real run only."""
    answer: pulumi.Output[Any] = pulumi.runtime.invoke_output(
        _VERIFY, {"references": references}, opts, typ=VerifySecretVersionsResult
    )
    return answer
