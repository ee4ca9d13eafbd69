using System.Globalization;
using System.Text.RegularExpressions;
using Dub.Clerk.Authentication;
using Dub.Clerk.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk;

/// <summary>Checks everything at start and reports every fault at once: which setting, and what to do about it. No message repeats a secret,
/// or what stands where one belongs.</summary>
internal sealed partial class DubClerkOptionsValidator(IServiceProvider services, UsedFeatures used) : IValidateOptions<DubClerkOptions>
{
    public ValidateOptionsResult Validate(string? name, DubClerkOptions options)
    {
        List<string> faults = [.. StoreFaults(options), .. RuleFaults(options), .. DeliveryFaults(options)];
        if (used.Sessions)
        {
            faults.AddRange(SessionFaults(options));
        }

        if (used.Webhooks)
        {
            faults.AddRange(WebhookFaults(options));
        }

        if (used.DubWebhooks)
        {
            faults.AddRange(DubWebhookFaults(options));
        }

        // The exception's message joins them: each begins a line of its own.
        return faults.Count switch
        {
            0 => ValidateOptionsResult.Success,
            1 => ValidateOptionsResult.Fail(faults),
            _ => ValidateOptionsResult.Fail(faults.Select(fault => Environment.NewLine + "- " + fault)),
        };
    }

    private IEnumerable<string> StoreFaults(DubClerkOptions options)
    {
        if (!KeyPrefix().IsMatch(options.KeyPrefix ?? string.Empty))
        {
            yield return "DubClerk:KeyPrefix must be 1 to 32 letters, digits, '_', '-' or '.'; leave it out for the default, dub.";
        }

        if (options.ReplicasPerWrite is < 0 or > 10)
        {
            yield return $"DubClerk:ReplicasPerWrite is {options.ReplicasPerWrite}; it must be 0 to 10.";
        }
        else if (options.ReplicasPerWrite > 0 && options.Redis is null)
        {
            yield return "DubClerk:ReplicasPerWrite needs ConnectionStrings:Redis, because it takes connections of its own. Set ConnectionStrings__Redis to a server with replicas, or leave DubClerk:ReplicasPerWrite out.";
        }

        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IConnectionMultiplexer)) == true)
        {
            yield break;
        }

        if (options.Redis is null)
        {
            yield return "ConnectionStrings:Redis is not set and the app registers no IConnectionMultiplexer. Set ConnectionStrings__Redis to a Redis or Valkey server, such as localhost:6379.";
        }
        else if (!IsConnectionString(options.Redis))
        {
            yield return "ConnectionStrings:Redis is no StackExchange.Redis connection string. Write host:port, then options separated by commas, such as localhost:6379,ssl=true.";
        }
    }

    private IEnumerable<string> SessionFaults(DubClerkOptions options)
    {
        if (options.PublishableKey is null && (options.Issuer is null || (options.JwtKey is null && options.JwksAddress is null)))
        {
            yield return "CLERK_PUBLISHABLE_KEY is not set. Copy the publishable key (pk_…) from the Clerk Dashboard, page API keys.";
        }
        else if (options.PublishableKey is not null && !PublishableKey.TryParse(options.PublishableKey, out _, out var error))
        {
            yield return $"CLERK_PUBLISHABLE_KEY: {error}";
        }

        if (!string.IsNullOrWhiteSpace(options.Issuer)
            && (!Uri.TryCreate(options.Issuer, UriKind.Absolute, out var issuer) || issuer.Scheme != Uri.UriSchemeHttps || options.Issuer.EndsWith('/')))
        {
            yield return "DubClerk:Issuer must be an https address without a slash at the end; leave it out to take it from the publishable key.";
        }

        if (options.JwtKey is not null && !PemKeys.TryParse(options.JwtKey, out _, out var pemError))
        {
            yield return $"CLERK_JWT_KEY: {pemError}";
        }

        if (options.JwksAddress is { } address && !IsSafe(address))
        {
            yield return "DubClerk:JwksAddress must be an https address, or http on a loopback address.";
        }

        foreach (var origin in options.AuthorizedParties)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                yield return $"DubClerk:AuthorizedParties holds '{origin}', which is no origin. Write scheme, host and port without a slash at the end, such as https://app.example.com.";
            }
        }

        if (SessionTokenRules.LacksAuthorizedParties(options, services.GetService<IHostEnvironment>()))
        {
            yield return "DubClerk:AuthorizedParties is empty. List the origins of your app, such as https://app.example.com (DubClerk__AuthorizedParties__0), "
                + "or set DubClerk:AllowAnyAuthorizedParty to true to accept tokens issued to any origin of the Clerk instance.";
        }
    }

    private static IEnumerable<string> WebhookFaults(DubClerkOptions options)
    {
        if (options.WebhookSigningSecrets.Count == 0)
        {
            yield return "CLERK_WEBHOOK_SIGNING_SECRET is not set. Copy the endpoint's Signing Secret (whsec_…) from the Clerk Dashboard, page Webhooks.";
        }

        foreach (var secret in options.WebhookSigningSecrets)
        {
            if (!WebhookSecret.TryParse(secret, out _, out var error))
            {
                yield return $"CLERK_WEBHOOK_SIGNING_SECRET: {error}";
            }
        }
    }

    private static IEnumerable<string> DeliveryFaults(DubClerkOptions options)
    {
        if (!IsSafe(options.DubApiUrl))
        {
            yield return "DUB_API_URL must be an https address, or http on a loopback address; leave it out for https://api.dub.co.";
        }

        if (!IsSafe(options.ClerkApiUrl))
        {
            yield return "CLERK_API_URL must be an https address, or http on a loopback address; leave it out for https://api.clerk.com.";
        }

        if (IsNoHeader(options.DubApiKey))
        {
            yield return "DUB_API_KEY holds a character that no key has. Copy it again from the Dub dashboard, Settings, API Keys.";
        }

        if (IsNoHeader(options.ClerkSecretKey))
        {
            yield return "CLERK_SECRET_KEY holds a character that no key has. Copy it again from the Clerk Dashboard, page API keys.";
        }

        foreach (var (currency, rate) in options.ExchangeRates)
        {
            if (rate <= 0 || currency.Length != 3 || !currency.All(char.IsAsciiLetter))
            {
                yield return $"DubClerk:ExchangeRates holds {currency}: {rate.ToString(CultureInfo.InvariantCulture)}. Write how many units of a currency (three letters) are a US dollar, such as DubClerk__ExchangeRates__EUR=0.92.";
            }
        }

        if (options.ExchangeRates.Count > 0 && options.ExchangeRatesDate is null)
        {
            yield return "DubClerk:ExchangeRatesDate is not set. Write the day on which DubClerk:ExchangeRates held, such as 2026-11-01.";
        }

        if (options.DubRequestsPerMinute is < 1 or > 100_000)
        {
            yield return $"DubClerk:DubRequestsPerMinute is {options.DubRequestsPerMinute}; it must be 1 to 100000.";
        }

        if (options.ClerkRequestsPerMinute is < 1 or > 6000)
        {
            yield return $"DubClerk:ClerkRequestsPerMinute is {options.ClerkRequestsPerMinute}; it must be 1 to 6000.";
        }

        if (options.WebhookPatience <= TimeSpan.Zero || options.WebhookPatience > TimeSpan.FromDays(1))
        {
            yield return $"DubClerk:WebhookPatience is {options.WebhookPatience}; it must be more than zero and at most one day.";
        }
    }

    private static bool IsNoHeader(string? key) => key is not null && (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange('!', '~'));

    /// <summary>Encrypted on the way, or not leaving the machine.</summary>
    private static bool IsSafe(Uri? address)
        => address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    private static IEnumerable<string> DubWebhookFaults(DubClerkOptions options)
    {
        if (options.DubWebhookSecrets.Count == 0)
        {
            yield return "DUB_WEBHOOK_SECRET is not set. Copy the webhook's signing secret from the Dub dashboard, Settings, Webhooks.";
        }
        else if (options.DubWebhookSecrets.Any(secret => secret.Length < 16))
        {
            yield return "DUB_WEBHOOK_SECRET is shorter than 16 characters and could be guessed. Copy the webhook's signing secret from the Dub dashboard, Settings, Webhooks.";
        }
    }

    private static IEnumerable<string> RuleFaults(DubClerkOptions options)
    {
        if (options.SessionTokenCacheSize is < 0 or > 1_000_000)
        {
            yield return $"DubClerk:SessionTokenCacheSize is {options.SessionTokenCacheSize}; it must be 0 to 1000000.";
        }

        if (options.WebhookTolerance <= TimeSpan.Zero || options.WebhookTolerance > TimeSpan.FromHours(1))
        {
            yield return $"DubClerk:WebhookTolerance is {options.WebhookTolerance}; it must be more than zero and at most one hour.";
        }

        if (options.NewAccountWindow <= TimeSpan.Zero || options.NewAccountWindow > TimeSpan.FromDays(30))
        {
            yield return $"DubClerk:NewAccountWindow is {options.NewAccountWindow}; it must be more than zero and at most 30 days.";
        }

        var counts = options.CookieLifetime < SignUps.SignUpRules.ClickWindow ? options.CookieLifetime : SignUps.SignUpRules.ClickWindow;
        var needed = counts + DubClerkOptions.HalfRetention + TimeSpan.FromDays(1);
        if (options.ClickRetention < needed)
        {
            yield return $"DubClerk:ClickRetention is {options.ClickRetention}; it must be at least {needed}, 31 days more than a click may be old, or sign-ups would find their click gone.";
        }

        if (options.EventRetention < options.ClickRetention || options.EventRetention > DubClerkOptions.LongestEventRetention)
        {
            yield return $"DubClerk:EventRetention is {options.EventRetention}; it must be at least DubClerk:ClickRetention ({options.ClickRetention}) and at most {DubClerkOptions.LongestEventRetention}.";
        }

        if (options.CookieLifetime <= TimeSpan.Zero || options.CookieLifetime > TimeSpan.FromDays(400))
        {
            yield return $"DubClerk:CookieLifetime is {options.CookieLifetime}; it must be more than zero and at most 400 days.";
        }

        if (string.IsNullOrWhiteSpace(options.LeadEventName) || options.LeadEventName.Length > 255)
        {
            yield return "DubClerk:LeadEventName must have 1 to 255 characters; leave it out for the default, Sign Up.";
        }

        if (!Enum.IsDefined(options.AttributionModel))
        {
            yield return "DubClerk:AttributionModel must be LastClick or FirstClick.";
        }

        if (options.CookieDomain is { } domain && (Uri.CheckHostName(domain.TrimStart('.')) != UriHostNameType.Dns || !domain.Trim('.').Contains('.', StringComparison.Ordinal)))
        {
            yield return $"DubClerk:CookieDomain is '{domain}'; it must be a domain such as example.com.";
        }
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            // An address like redis://host is taken for a host name, and nobody of that name answers.
            return !text.Contains("://", StringComparison.Ordinal) && ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,32}\z")]
    private static partial Regex KeyPrefix();
}
