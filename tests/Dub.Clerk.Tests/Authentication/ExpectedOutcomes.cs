using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>The outcome of each session-token vector. Two of them leave the verdict to us:
/// <list type="bullet">
/// <item><c>lifetime 1 day</c> (policy): accepted. How long a session token lives is Clerk's to say, and its Backend API mints session tokens
/// of any length on request (<c>expires_in_seconds</c>); the signature covers <c>exp</c>.</item>
/// <item><c>sts pending</c> (pending): refused, as an outcome of its own. The user has not finished signing up, and Clerk's own libraries
/// treat such a session as signed out.</item>
/// </list></summary>
internal static class ExpectedOutcomes
{
    private static readonly Dictionary<string, SessionTokenOutcome> ByName = new()
    {
        ["valid v2"] = SessionTokenOutcome.Valid,
        ["valid v1 org claims"] = SessionTokenOutcome.Valid,
        ["valid v2 compact org"] = SessionTokenOutcome.Valid,
        ["valid typ absent"] = SessionTokenOutcome.Valid,
        ["exp within 5s skew"] = SessionTokenOutcome.Valid,
        ["nbf +6"] = SessionTokenOutcome.NotYetValid,
        ["iat +5 boundary"] = SessionTokenOutcome.Valid,
        ["exp missing"] = SessionTokenOutcome.TimesMalformed,
        ["exp string"] = SessionTokenOutcome.TimesMalformed,
        ["exp negative"] = SessionTokenOutcome.TimesMalformed,
        ["lifetime 1 day"] = SessionTokenOutcome.Valid,
        ["sub missing"] = SessionTokenOutcome.SubjectNotUser,
        ["sub empty"] = SessionTokenOutcome.SubjectNotUser,
        ["sub mch_"] = SessionTokenOutcome.SubjectNotUser,
        ["sid missing"] = SessionTokenOutcome.SessionIdMissing,
        ["iss wrong"] = SessionTokenOutcome.IssuerWrong,
        ["iss missing"] = SessionTokenOutcome.IssuerWrong,
        ["iss http"] = SessionTokenOutcome.IssuerWrong,
        ["azp mismatch"] = SessionTokenOutcome.AuthorizedPartyNotAllowed,
        ["azp missing"] = SessionTokenOutcome.AuthorizedPartyMissing,
        ["azp array"] = SessionTokenOutcome.AuthorizedPartyMalformed,
        ["azp case"] = SessionTokenOutcome.AuthorizedPartyNotAllowed,
        ["sts pending"] = SessionTokenOutcome.SessionPending,
        ["cat jwt template"] = SessionTokenOutcome.CategoryNotSession,
        ["cat m2m"] = SessionTokenOutcome.CategoryNotSession,
        ["cat unknown"] = SessionTokenOutcome.CategoryNotSession,
        ["typ at+jwt"] = SessionTokenOutcome.TypeNotAllowed,
        ["typ lower jwt"] = SessionTokenOutcome.TypeNotAllowed,
        ["kid missing"] = SessionTokenOutcome.KeyIdMalformed,
        ["kid unknown"] = SessionTokenOutcome.KeyUnknown,
        ["kid path traversal"] = SessionTokenOutcome.KeyIdMalformed,
        ["alg none no sig"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["alg missing"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["HS256 keyed with PEM"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["HS256 empty key"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["RS384"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["PS256"] = SessionTokenOutcome.AlgorithmNotAllowed,
        ["header RS256 but PSS sig"] = SessionTokenOutcome.SignatureInvalid,
        ["embedded jwk header"] = SessionTokenOutcome.KeyIdMalformed,
        ["jku header"] = SessionTokenOutcome.SignatureInvalid,
        ["crit unknown"] = SessionTokenOutcome.CriticalHeader,
        ["signed by other key"] = SessionTokenOutcome.SignatureInvalid,
        ["payload swapped"] = SessionTokenOutcome.SignatureInvalid,
        ["sig first char flipped"] = SessionTokenOutcome.SignatureInvalid,
        ["sig truncated"] = SessionTokenOutcome.EncodingWrong,
        ["sig empty"] = SessionTokenOutcome.SignatureInvalid,
        ["sig padded =="] = SessionTokenOutcome.EncodingWrong,
        ["sig all zero"] = SessionTokenOutcome.SignatureInvalid,
        ["two parts"] = SessionTokenOutcome.ShapeWrong,
        ["four parts"] = SessionTokenOutcome.ShapeWrong,
        ["empty"] = SessionTokenOutcome.ShapeWrong,
        ["leading space"] = SessionTokenOutcome.EncodingWrong,
        ["trailing newline"] = SessionTokenOutcome.EncodingWrong,
        ["Bearer inside"] = SessionTokenOutcome.EncodingWrong,
        ["payload not JSON"] = SessionTokenOutcome.ClaimsMalformed,
        ["payload array"] = SessionTokenOutcome.ClaimsMalformed,
        ["payload null"] = SessionTokenOutcome.ClaimsMalformed,
        ["payload trailing comma"] = SessionTokenOutcome.ClaimsMalformed,
        ["header not JSON"] = SessionTokenOutcome.HeaderMalformed,
        ["duplicate sub"] = SessionTokenOutcome.ClaimsMalformed,
        ["duplicate alg header"] = SessionTokenOutcome.HeaderMalformed,
        ["oversize 20KB"] = SessionTokenOutcome.TooLong,
        ["metadata string"] = SessionTokenOutcome.Valid,
        ["metadata missing"] = SessionTokenOutcome.Valid,
    };

    public static SessionTokenOutcome Of(string name) => ByName[name];

    public static bool IsAccepted(string name, string recommended) => recommended switch
    {
        "accept" => true,
        "reject" => false,
        "policy" when name == "lifetime 1 day" => true,
        "pending" when name == "sts pending" => false,
        _ => throw new InvalidOperationException($"No decision for '{name}' ({recommended})."),
    };
}
