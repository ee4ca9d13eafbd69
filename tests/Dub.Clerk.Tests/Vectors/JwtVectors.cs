using System.Text.Json;
using Dub.Clerk.Authentication;

namespace Dub.Clerk.Tests.Vectors;

/// <summary>The session-token vectors: tokens with a known key, the verdict of Clerk's JavaScript library recorded beside ours.</summary>
internal static class JwtVectors
{
    private static readonly JsonElement File = VectorFile.Read("jwt-vectors.json");

    public static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(File.GetProperty("now").GetInt64());

    public static string Jwks { get; } = File.GetProperty("jwks").GetRawText();

    public static SessionKeySet PemKeySet { get; } =
        PemKeys.TryParse(Options(pem: true).JwtKey, out var keys, out var error) ? keys.Current : throw new InvalidOperationException(error);

    public static SessionKeySet JwksKeySet { get; } = new(JwksDocument.Parse(System.Text.Encoding.UTF8.GetBytes(Jwks)));

    public static SessionTokenRules Rules { get; } = SessionTokenRules.From(Options(pem: true))!;

    public static IEnumerable<(string Name, string Token, string Recommended)> Cases =>
        from entry in File.GetProperty("cases").EnumerateArray()
        select (entry.GetProperty("name").GetString()!, entry.GetProperty("token").GetString()!, entry.GetProperty("recommended").GetString()!);

    /// <summary>The options that the vectors were made for.</summary>
    public static DubClerkOptions Options(bool pem, Uri? jwksAddress = null)
    {
        var options = new DubClerkOptions();
        Apply(options, pem, jwksAddress);
        return options;
    }

    public static void Apply(DubClerkOptions options, bool pem, Uri? jwksAddress = null)
    {
        options.PublishableKey = "pk_live_" + Convert.ToBase64String("clerk.example.com$"u8);
        options.Issuer = File.GetProperty("issuer").GetString();
        options.JwtKey = pem ? File.GetProperty("public_key_pem").GetString() : null;
        options.JwksAddress = jwksAddress;
        foreach (var party in File.GetProperty("authorized_parties").EnumerateArray())
        {
            options.AuthorizedParties.Add(party.GetString()!);
        }
    }
}
