using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A Clerk instance of our own: it signs session tokens and webhook deliveries as Clerk and Svix do, with keys made when it is
/// constructed, so that what accepts it would accept the real ones and nothing else accepts it.</summary>
internal sealed class ClerkStandIn : IDisposable
{
    /// <summary>The token category of session tokens (facts: tokens/jwtCategories of Clerk's SDK).</summary>
    private const string SessionCategory = "cl_B7d4PD111AAA";

    private readonly RSA _key = RSA.Create(2048);
    private readonly WebhookSecret _secret;

    /// <param name="frontendApiHost">The host in the publishable key. The default is a development instance's, which real browser code
    /// knows to be one.</param>
    public ClerkStandIn(string frontendApiHost = "stand-in-1.clerk.accounts.dev")
    {
        Issuer = $"https://{frontendApiHost}";
        PublishableKey = "pk_test_" + Convert.ToBase64String(Encoding.ASCII.GetBytes(frontendApiHost + "$"));
        WebhookSecret = "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
        InstanceId = NewId("ins");
        PublicKeyPem = _key.ExportSubjectPublicKeyInfoPem();
        _ = Webhooks.WebhookSecret.TryParse(WebhookSecret, out _secret!, out _);
    }

    /// <summary><c>pk_test_…</c>, for <c>CLERK_PUBLISHABLE_KEY</c>.</summary>
    public string PublishableKey { get; }

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer { get; }

    /// <summary>For <c>CLERK_JWT_KEY</c>.</summary>
    public string PublicKeyPem { get; }

    /// <summary><c>whsec_…</c>, for <c>CLERK_WEBHOOK_SIGNING_SECRET</c>.</summary>
    public string WebhookSecret { get; }

    /// <summary><c>ins_…</c>, which is also the <c>kid</c> of its tokens.</summary>
    public string InstanceId { get; }

    /// <summary>A new id in Clerk's form: the prefix, <c>_</c> and 27 base-62 characters.</summary>
    public static string NewId(string prefix) =>
        prefix + "_" + RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 27);

    /// <summary>What it publishes at <c>/.well-known/jwks.json</c>.</summary>
    public string Jwks()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "RSA",
                ["kid"] = InstanceId,
                ["alg"] = "RS256",
                ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                ["e"] = Base64Url.EncodeToString(parameters.Exponent),
            }),
        }.ToJsonString();
    }

    /// <summary>A session token of version 2, valid for 60 seconds from <paramref name="now"/>, as a signed-in browser sends it.</summary>
    /// <param name="userId"><c>user_…</c></param>
    /// <param name="now">When it is issued.</param>
    /// <param name="azp">The origin of the page; null for a native app, whose tokens have none.</param>
    /// <param name="publicMetadata">Becomes the <c>metadata</c> claim, as the custom claim of Dub's recipe configures it.</param>
    /// <param name="sessionId"><c>sess_…</c>; one is made up when null.</param>
    public string MintSessionToken(
        string userId, DateTimeOffset now, string? azp = "https://app.example.com", JsonObject? publicMetadata = null, string? sessionId = null) =>
        Sign(SessionHeader(), SessionClaims(userId, now, azp, publicMetadata, sessionId));

    /// <summary>The header that <see cref="MintSessionToken"/> signs.</summary>
    public JsonObject SessionHeader() => new() { ["alg"] = "RS256", ["cat"] = SessionCategory, ["kid"] = InstanceId, ["typ"] = "JWT" };

    /// <summary>The claims that <see cref="MintSessionToken"/> signs.</summary>
    public JsonObject SessionClaims(string userId, DateTimeOffset now, string? azp, JsonObject? publicMetadata, string? sessionId)
    {
        var issuedAt = now.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["exp"] = issuedAt + 60,
            ["fva"] = new JsonArray(0, -1),
            ["iat"] = issuedAt,
            ["iss"] = Issuer,
            ["jti"] = RandomNumberGenerator.GetHexString(20, lowercase: true),
            ["metadata"] = publicMetadata?.DeepClone() ?? new JsonObject(),
            ["nbf"] = issuedAt - 10,
            ["sid"] = sessionId ?? NewId("sess"),
            ["sts"] = "active",
            ["sub"] = userId,
            ["v"] = 2,
        };
        if (azp is not null)
        {
            claims["azp"] = azp;
        }

        return claims;
    }

    /// <summary>Signs whatever it is given, which is how a test makes a token that is wrong in one part only.</summary>
    public string Sign(JsonObject header, JsonObject claims)
    {
        var text = Encode(header.ToJsonString()) + "." + Encode(claims.ToJsonString());
        return text + "." + Base64Url.EncodeToString(SignBytes(Encoding.ASCII.GetBytes(text)));
    }

    /// <summary>RS256 over the bytes with the instance's key.</summary>
    public byte[] SignBytes(ReadOnlySpan<byte> bytes) => _key.SignData(bytes.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>A delivery as Svix makes it: each attempt has the same id and a fresh timestamp. Give the request an address and send it.</summary>
    /// <param name="body">The bytes to deliver and sign.</param>
    /// <param name="deliveryId">The id of the message; null for a new message.</param>
    /// <param name="now">When this attempt is signed.</param>
    public (string Id, HttpRequestMessage Request) SignDelivery(byte[] body, string? deliveryId, DateTimeOffset now)
    {
        var id = deliveryId ?? NewId("msg");
        var timestamp = now.ToUnixTimeSeconds();
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, (Uri?)null) { Content = content };
        request.Headers.Add("svix-id", id);
        request.Headers.Add("svix-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("svix-signature", WebhookVerifier.Sign(_secret, id, timestamp, body));
        request.Headers.TryAddWithoutValidation("User-Agent", "Svix-Webhooks/stand-in");
        return (id, request);
    }

    /// <summary>The body of <c>user.created</c>, with every field that Clerk sends.</summary>
    /// <param name="userId"><c>user_…</c></param>
    /// <param name="createdAt">When the account was created; also the event's own timestamp.</param>
    /// <param name="firstName">Null as for users who gave no name.</param>
    /// <param name="lastName">As <paramref name="firstName"/>.</param>
    /// <param name="email">Null for users who signed up by phone or user name.</param>
    /// <param name="unsafeMetadata">What the browser attached to the sign-up, such as <c>{"dub_id":"…"}</c>.</param>
    public byte[] UserCreated(
        string userId, DateTimeOffset createdAt, string? firstName = "Ada", string? lastName = "Byron", string? email = "ada@example.org",
        JsonObject? unsafeMetadata = null) =>
        Event("user.created", ClerkUser.Create(userId, createdAt, firstName, lastName, email, unsafeMetadata), createdAt);

    /// <summary>The body of any event.</summary>
    /// <param name="type">Such as <c>user.updated</c>.</param>
    /// <param name="data">What it is about.</param>
    /// <param name="at">The event's own timestamp.</param>
    public byte[] Event(string type, JsonObject data, DateTimeOffset at) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["data"] = data.DeepClone(),
        ["event_attributes"] = new JsonObject
        {
            ["http_request"] = new JsonObject { ["client_ip"] = "192.0.2.7", ["user_agent"] = "Mozilla/5.0" },
        },
        ["instance_id"] = InstanceId,
        ["object"] = "event",
        ["timestamp"] = at.ToUnixTimeMilliseconds(),
        ["type"] = type,
    }.ToJsonString());

    public void Dispose() => _key.Dispose();

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
