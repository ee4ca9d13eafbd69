namespace Dub.Clerk.Authentication;

/// <summary>What became of a session token, for logs and counters. Every refusal has its own member, in the order in which the rules are
/// applied: where it came from, size and shape, header, key and signature, claims.</summary>
internal enum SessionTokenOutcome
{
    /// <summary>A Clerk session token of this instance, for this app, now.</summary>
    Valid,

    /// <summary>Several <c>Authorization</c> headers: choosing one of them would be a guess.</summary>
    AuthorizationRepeated,

    /// <summary>Over 8 KB. A cookie cannot exceed 4 KB, and Clerk's tokens are under 1 KB.</summary>
    TooLong,

    /// <summary>Not three parts between two dots; opaque machine tokens (<c>ak_</c>, <c>oat_</c>, <c>mt_</c>) end here.</summary>
    ShapeWrong,

    /// <summary>A part is not canonical base64url: padding, the other alphabet, stray bits in the last character.</summary>
    EncodingWrong,

    /// <summary>The header is over 1 KB, is not strict JSON, or says something twice.</summary>
    HeaderMalformed,

    /// <summary><c>alg</c> is not RS256.</summary>
    AlgorithmNotAllowed,

    /// <summary><c>typ</c> is there and is not JWT: an OAuth access token (<c>at+jwt</c>), for example.</summary>
    TypeNotAllowed,

    /// <summary><c>cat</c> says that it is another class of token, which the same key signs: from a JWT template, or for a machine.</summary>
    CategoryNotSession,

    /// <summary>The header has <c>crit</c> or <c>b64</c>: whoever wrote it expects a rule that we do not know.</summary>
    CriticalHeader,

    /// <summary><c>kid</c> is missing or not an id.</summary>
    KeyIdMalformed,

    /// <summary>The options name no issuer, or a key that cannot be read. Ours to repair.</summary>
    NotConfigured,

    /// <summary>Clerk's keys could not be fetched yet. Ours to repair.</summary>
    KeysUnavailable,

    /// <summary>No key has this <c>kid</c>.</summary>
    KeyUnknown,

    /// <summary>Signed by another key, or changed since it was signed.</summary>
    SignatureInvalid,

    /// <summary>The claims are not strict JSON, or say something twice.</summary>
    ClaimsMalformed,

    /// <summary><c>iss</c> is not our instance.</summary>
    IssuerWrong,

    /// <summary><c>azp</c> is there and is not a non-empty text.</summary>
    AuthorizedPartyMalformed,

    /// <summary>There is no <c>azp</c>, and the options ask for one.</summary>
    AuthorizedPartyMissing,

    /// <summary><c>azp</c> is not in the list of authorized parties.</summary>
    AuthorizedPartyNotAllowed,

    /// <summary><c>exp</c> or <c>iat</c> is missing, or a time is not a whole number of seconds between the years 1970 and 9999.</summary>
    TimesMalformed,

    /// <summary>Past <c>exp</c>. Normal: Clerk's cookie outlives the token in it by a year.</summary>
    Expired,

    /// <summary>Before <c>nbf</c>.</summary>
    NotYetValid,

    /// <summary><c>iat</c> is ahead of our clock.</summary>
    IssuedInFuture,

    /// <summary><c>sub</c> is not a user id.</summary>
    SubjectNotUser,

    /// <summary><c>sid</c> is not a session id; tokens from JWT templates have none.</summary>
    SessionIdMissing,

    /// <summary><c>sts</c> is <c>pending</c>: the user has signed up and has a task to finish before being signed in.</summary>
    SessionPending,

    /// <summary><c>sts</c> is neither <c>active</c> nor <c>pending</c>.</summary>
    SessionStatusUnknown,
}
