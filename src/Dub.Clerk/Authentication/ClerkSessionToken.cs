using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Dub.Clerk.Authentication;

/// <summary>A session token that passed every check. It keeps no text: what is needed of it is in the identity.</summary>
internal sealed class ClerkSessionToken : SecurityToken
{
    private ClerkSessionToken(ClaimsIdentity identity, string issuer, long issuedAt, long expiresAt)
    {
        Identity = identity;
        Issuer = issuer;
        ValidFrom = DateTimeOffset.FromUnixTimeSeconds(issuedAt).UtcDateTime;
        ValidTo = DateTimeOffset.FromUnixTimeSeconds(expiresAt).UtcDateTime;
    }

    /// <summary>Clerk's claims under Clerk's names. <see cref="ClaimsIdentity.Name"/> is the user id.</summary>
    public ClaimsIdentity Identity { get; }

    /// <summary><c>jti</c>; empty in tokens of version 1.</summary>
    public override string Id => Identity.FindFirst("jti")?.Value ?? "";

    public override string Issuer { get; }

    /// <summary><c>iat</c>.</summary>
    public override DateTime ValidFrom { get; }

    /// <summary><c>exp</c>.</summary>
    public override DateTime ValidTo { get; }

    // The keys stay where they are; nothing downstream needs them.
    public override SecurityKey? SecurityKey => null;

    public override SecurityKey? SigningKey { get => null; set { } }

    /// <param name="claims">Claims that <see cref="SessionTokenClaims.Check"/> accepted.</param>
    /// <param name="issuer">The issuer they have.</param>
    /// <param name="issuedAt"><c>iat</c>.</param>
    /// <param name="expiresAt"><c>exp</c>.</param>
    public static ClerkSessionToken Create(ReadOnlySpan<byte> claims, string issuer, long issuedAt, long expiresAt)
    {
        var identity = new ClaimsIdentity(ClerkAuthenticationDefaults.AuthenticationScheme, nameType: "sub", roleType: "org_role");
        var reader = new Utf8JsonReader(claims);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            _ = reader.Read();
            AddClaims(identity, name, claims, ref reader, issuer);
        }

        return new ClerkSessionToken(identity, issuer, issuedAt, expiresAt);
    }

    /// <summary>A text, number or truth value is one claim; an array is one claim per element, as everywhere in .NET; an object is one
    /// claim with its JSON; null is none.</summary>
    private static void AddClaims(ClaimsIdentity identity, string name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader, string issuer)
    {
        var (value, valueType) = reader.TokenType switch
        {
            JsonTokenType.String => (reader.GetString(), ClaimValueTypes.String),
            JsonTokenType.Number => (Raw(json, ref reader), reader.TryGetInt64(out _) ? ClaimValueTypes.Integer64 : ClaimValueTypes.Double),
            JsonTokenType.True => ("true", ClaimValueTypes.Boolean),
            JsonTokenType.False => ("false", ClaimValueTypes.Boolean),
            JsonTokenType.StartObject => (Raw(json, ref reader), JsonClaimValueTypes.Json),
            _ => (null, ClaimValueTypes.String),
        };

        if (value is not null)
        {
            identity.AddClaim(new Claim(name, value, valueType, issuer, issuer, identity));
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                AddClaims(identity, name, json, ref reader, issuer);
            }
        }
    }

    private static string Raw(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]);
    }
}
