namespace Dub.Clerk.Webhooks;

/// <summary>What <see cref="WebhookVerifier"/> made of a delivery. Every refusal has its own member, so that a log line or a counter says
/// which rule it was; the sender is told nothing of it.</summary>
internal enum WebhookVerificationResult
{
    /// <summary>Signed with one of our secrets, within the tolerance. Only now is the body worth reading.</summary>
    Verified,

    /// <summary>The id, timestamp or signature header is absent or empty; also a mix of the two header families.</summary>
    HeaderMissing,

    /// <summary>One of the three headers came more than once: which of them was signed would be a guess.</summary>
    HeaderRepeated,

    /// <summary>The id is not 1 to 256 of <c>A-Z a-z 0-9 _ . -</c>.</summary>
    IdMalformed,

    /// <summary>The timestamp is not 1 to 12 ASCII digits.</summary>
    TimestampMalformed,

    /// <summary>Older than the tolerance.</summary>
    TimestampTooOld,

    /// <summary>Further ahead of our clock than the tolerance.</summary>
    TimestampTooNew,

    /// <summary>The signature header is over 4 KB or lists more than 16 signatures.</summary>
    SignatureHeaderTooLong,

    /// <summary>No listed signature is a well-formed <c>v1</c>.</summary>
    SignatureUnsupported,

    /// <summary>Well-formed, and made with none of our secrets over these bytes.</summary>
    SignatureMismatch,

    /// <summary>We have no usable secret, so nothing can be checked and everything is refused. Ours to repair.</summary>
    SecretMissing,
}
