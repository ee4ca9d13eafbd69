using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Dub.Clerk.Authentication;

/// <summary>A session token that passed every check. Requests that bring it share it, so nothing of it may be handed out to be changed.</summary>
internal sealed class ClerkSessionToken : SecurityToken
{
    private readonly byte[] _claims;
    private ClaimsIdentity? _identity;
    private Answers? _known;

    /// <param name="claims">Claims that <see cref="SessionTokenClaims.Check"/> accepted.</param>
    /// <param name="issuer">The issuer they have.</param>
    /// <param name="times">The times they have.</param>
    public ClerkSessionToken(ReadOnlySpan<byte> claims, string issuer, SessionTokenTimes times)
    {
        _claims = claims.ToArray();
        Issuer = issuer;
        Times = times;
    }

    /// <summary>Clerk's claims under Clerk's names. <see cref="ClaimsIdentity.Name"/> is the user id. To be cloned for each request.</summary>
    public ClaimsIdentity Identity => _identity ??= Read(_claims, Issuer);

    public SessionTokenTimes Times { get; }

    /// <summary>What every request asks, read once for all of them.</summary>
    public Answers Known => _known ??= new Answers(new ClaimsPrincipal(Identity));

    /// <summary><c>jti</c>; empty in tokens of version 1.</summary>
    public override string Id => Identity.FindFirst("jti")?.Value ?? "";

    public override string Issuer { get; }

    /// <summary><c>iat</c>.</summary>
    public override DateTime ValidFrom => DateTimeOffset.FromUnixTimeSeconds(Times.IssuedAt).UtcDateTime;

    /// <summary><c>exp</c>.</summary>
    public override DateTime ValidTo => DateTimeOffset.FromUnixTimeSeconds(Times.ExpiresAt).UtcDateTime;

    // The keys stay where they are; nothing downstream needs them.
    public override SecurityKey? SecurityKey => null;

    public override SecurityKey? SigningKey { get => null; set { } }

    private static ClaimsIdentity Read(ReadOnlySpan<byte> claims, string issuer)
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

        return identity;
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

    /// <param name="principal">A plain one, with the token's claims.</param>
    internal sealed class Answers(ClaimsPrincipal principal)
    {
        public string? UserId { get; } = principal.GetClerkUserId();

        /// <summary>What the token says of the user's click, whatever that is; null when nothing.</summary>
        public string? ClickClaim { get; } = principal.GetClickClaim();

        public bool HasCustomClaim { get; } = principal.HasCustomClaim();

        public bool IsImpersonation { get; } = principal.IsClerkImpersonation();
    }
}
