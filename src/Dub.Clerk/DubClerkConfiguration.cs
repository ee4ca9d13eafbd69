using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Dub.Clerk;

/// <summary>Fills the options from the names users have already, then from the section <c>DubClerk</c>; what the app sets in code wins.</summary>
internal sealed class DubClerkConfiguration(IConfiguration configuration) : IConfigureOptions<DubClerkOptions>
{
    public void Configure(DubClerkOptions options)
    {
        options.PublishableKey = Value("CLERK_PUBLISHABLE_KEY") ?? Value("NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY");
        options.JwtKey = Value("CLERK_JWT_KEY");
        options.Redis = configuration.GetConnectionString("Redis") is { Length: > 0 } redis ? redis : null;
        Split(Value("CLERK_WEBHOOK_SIGNING_SECRET"), options.WebhookSigningSecrets);
        options.DubApiKey = Value("DUB_API_KEY");
        Split(Value("DUB_WEBHOOK_SECRET"), options.DubWebhookSecrets);
        options.ClerkSecretKey = Value("CLERK_SECRET_KEY");
        options.DubApiUrl = Address("DUB_API_URL") ?? options.DubApiUrl;
        options.ClerkApiUrl = Address("CLERK_API_URL") ?? options.ClerkApiUrl;

        var section = configuration.GetSection(DubClerkOptions.SectionName);
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(DubClerkOptions), [$"{e.Message} Correct the value, or leave it out for the default."]);
        }

        // One text with several values is how an environment variable says a list.
        Split(section[nameof(DubClerkOptions.AuthorizedParties)], options.AuthorizedParties);
    }

    private string? Value(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>What is no address is kept as it is, for the validator to refuse.</summary>
    private Uri? Address(string name) => Value(name) is { } value && Uri.TryCreate(value, UriKind.RelativeOrAbsolute, out var address) ? address : null;

    private static void Split(string? text, IList<string> into)
    {
        foreach (var part in (text ?? string.Empty).Split([' ', ',', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            into.Add(part);
        }
    }
}
