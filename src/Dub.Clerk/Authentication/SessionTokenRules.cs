using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;

namespace Dub.Clerk.Authentication;

/// <summary>What the options say about session tokens, put in the form in which tokens are compared.</summary>
internal sealed class SessionTokenRules
{
    private readonly byte[][] _parties;

    private SessionTokenRules(string issuer, PublishableKey? key, DubClerkOptions options)
    {
        IssuerText = issuer;
        Issuer = Encoding.UTF8.GetBytes(issuer);
        IssuerHost = WithoutScheme(issuer);
        CookieSuffix = key?.CookieSuffix;
        IsProduction = key?.IsProduction ?? true;
        _parties = options.AllowAnyAuthorizedParty ? [] : [.. options.AuthorizedParties.Select(Encoding.UTF8.GetBytes)];
        ForMissingParty = _parties.Length == 0 || options.AllowMissingAuthorizedParty
            ? SessionTokenOutcome.Valid
            : SessionTokenOutcome.AuthorizedPartyMissing;
    }

    public string IssuerText { get; }

    /// <summary>The same in UTF-8.</summary>
    public byte[] Issuer { get; }

    /// <summary>The issuer as Clerk's SDK compares it when it chooses a cookie: without <c>https://</c>.</summary>
    public string IssuerHost { get; }

    /// <summary>What follows <c>__session_</c> in the instance's own cookie; null when there is no publishable key to tell.</summary>
    public string? CookieSuffix { get; }

    public bool IsProduction { get; }

    /// <summary>What a token without <c>azp</c> gets.</summary>
    public SessionTokenOutcome ForMissingParty { get; }

    /// <summary>Whether the list of authorized parties is missing where it must not be: in Production, and wherever a production instance is
    /// named.</summary>
    public static bool LacksAuthorizedParties(DubClerkOptions options, IHostEnvironment? environment)
        => options.AuthorizedParties.Count == 0 && !options.AllowAnyAuthorizedParty
            && (environment?.IsProduction() == true || (PublishableKey.TryParse(options.PublishableKey, out var key, out _) && key.IsProduction));

    /// <summary>The rules in these options; null when they name no issuer.</summary>
    public static SessionTokenRules? From(DubClerkOptions options)
    {
        _ = PublishableKey.TryParse(options.PublishableKey, out var key, out _);
        var issuer = string.IsNullOrWhiteSpace(options.Issuer) ? key?.Issuer : options.Issuer;
        return string.IsNullOrEmpty(issuer) ? null : new SessionTokenRules(issuer, key, options);
    }

    /// <summary>What a token with this <c>azp</c> gets: compared exactly, so that neither case nor a suffix opens the door.</summary>
    public SessionTokenOutcome ForParty(ref Utf8JsonReader azp)
    {
        if (azp.ValueSpan.IsEmpty)
        {
            return SessionTokenOutcome.AuthorizedPartyMalformed;
        }

        foreach (var party in _parties)
        {
            if (azp.ValueTextEquals(party))
            {
                return SessionTokenOutcome.Valid;
            }
        }

        return _parties.Length == 0 ? SessionTokenOutcome.Valid : SessionTokenOutcome.AuthorizedPartyNotAllowed;
    }

    public static string WithoutScheme(string issuer)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["https://", "http://"])
        {
            if (issuer.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                return issuer[scheme.Length..];
            }
        }

        return issuer;
    }
}
