using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Testing;

/// <summary>A session token as Clerk signs it, that can be wrong on purpose, one part at a time. Whatever is changed before
/// <see cref="Build"/> is signed with the instance's key; what is changed in the built text is not.</summary>
internal sealed class TokenBuilder
{
    private readonly ClerkStandIn _clerk;
    private byte[]? _rawHeader;
    private byte[]? _rawClaims;
    private Func<byte[], byte[]> _sign;

    public TokenBuilder(ClerkStandIn clerk, DateTimeOffset now, string userId = "user_29w83sxmDNGwOuEthce5gg56FcC")
    {
        _clerk = clerk;
        _sign = bytes => clerk.SignBytes(bytes);
        Header = clerk.SessionHeader();
        Claims = clerk.SessionClaims(userId, now, "https://app.example.com", publicMetadata: null, sessionId: null);
    }

    public JsonObject Header { get; }

    public JsonObject Claims { get; }

    public TokenBuilder WithHeader(string name, JsonNode? value)
    {
        Header[name] = value;
        return this;
    }

    public TokenBuilder WithoutHeader(string name)
    {
        Header.Remove(name);
        return this;
    }

    public TokenBuilder WithClaim(string name, JsonNode? value)
    {
        Claims[name] = value;
        return this;
    }

    public TokenBuilder WithoutClaim(string name)
    {
        Claims.Remove(name);
        return this;
    }

    /// <summary>Changes the header's JSON text, for what no JSON object can hold: duplicates, comments, broken UTF-8.</summary>
    public TokenBuilder WithHeaderText(Func<string, string> change) => WithHeaderBytes(Encoding.UTF8.GetBytes(change(Header.ToJsonString())));

    public TokenBuilder WithHeaderBytes(byte[] header)
    {
        _rawHeader = header;
        return this;
    }

    /// <summary>Changes the JSON text of the claims.</summary>
    public TokenBuilder WithClaimsText(Func<string, string> change) => WithClaimsBytes(Encoding.UTF8.GetBytes(change(Claims.ToJsonString())));

    public TokenBuilder WithClaimsBytes(byte[] claims)
    {
        _rawClaims = claims;
        return this;
    }

    /// <summary>Makes the signature otherwise: the function is given the signed bytes.</summary>
    public TokenBuilder SignedBy(Func<byte[], byte[]> sign)
    {
        _sign = sign;
        return this;
    }

    /// <summary>Signs with another instance's key.</summary>
    public TokenBuilder SignedBy(ClerkStandIn other) => SignedBy(bytes => other.SignBytes(bytes));

    public TokenBuilder WithKeyIdOf(ClerkStandIn other) => WithHeader("kid", other.InstanceId);

    /// <summary>The instance whose key signs, unless told otherwise.</summary>
    public ClerkStandIn Clerk => _clerk;

    public string Build()
    {
        var header = Base64Url.EncodeToString(_rawHeader ?? Encoding.UTF8.GetBytes(Header.ToJsonString()));
        var claims = Base64Url.EncodeToString(_rawClaims ?? Encoding.UTF8.GetBytes(Claims.ToJsonString()));
        var signed = $"{header}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(_sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
