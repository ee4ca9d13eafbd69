namespace Dub.Clerk.Host.Doctor;

/// <summary>Whether the host would start with its settings, and whether its keys fit each other as far as they tell by themselves.</summary>
internal sealed class SettingsExamination(Installation installation) : IExamination
{
    private const string PublishableName = "CLERK_PUBLISHABLE_KEY";
    private const string PublicName = "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY";

    public string Subject => "Settings";

    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var configuration = installation.Configuration;
        var misplaced = KeyForms.Misplaced(configuration).ToList();
        List<Finding> findings =
        [
            .. misplaced.Select(key => key.Fault),
            .. KeyForms.Published(configuration),
            // What is in the wrong place cannot be read there either.
            .. installation.SettingFaults.Where(fault => !misplaced.Exists(key => fault.StartsWith(key.Setting, StringComparison.Ordinal)))
                .Select(fault => Finding.FromMessage(FindingState.Fault, fault)),
            .. Pairs(configuration),
            .. installation.Unmade.Select(name => Finding.Note($"{name} is not set; the host makes one at its first start, for development.")),
        ];
        if (!findings.Exists(finding => finding.State == FindingState.Fault))
        {
            findings.Insert(0, Finding.Ok($"The host starts with these settings, in {installation.Environment.EnvironmentName}."));
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private IEnumerable<Finding> Pairs(IConfiguration configuration)
    {
        if (Differ(configuration[PublishableName], configuration[PublicName]))
        {
            yield return Finding.Fault($"{PublishableName} and {PublicName} differ: the host and the pages are on different Clerk instances.", "Set both to the same key.");
        }

        var key = installation.PublishableKey;
        if (key is not null && installation.Options.ClerkSecretKey is { } secret && IsProduction(secret) is { } isProduction && isProduction != key.IsProduction)
        {
            yield return Finding.Fault(
                $"{PublishableName} is a {Kind(key.IsProduction)} key and CLERK_SECRET_KEY a {Kind(isProduction)} one.", "Copy both from one instance in the Clerk Dashboard, page API keys.");
        }

        if (key is { IsProduction: false } && installation.Environment.IsProduction())
        {
            yield return Finding.Note("The host runs in Production on a development instance of Clerk (pk_test_…).", "For real users set the keys of the production instance (pk_live_…, sk_live_…).");
        }

        if (key is not null && installation.Options.Issuer is { } issuer && issuer.TrimEnd('/') != key.Issuer)
        {
            yield return Finding.Fault($"DubClerk:Issuer is another than {key.Issuer}, which {PublishableName} names; the instance's own tokens are refused.", "Leave DubClerk:Issuer out.");
        }

        var clerkSecrets = installation.Options.WebhookSigningSecrets;
        if (installation.Options.DubWebhookSecrets.Any(clerkSecrets.Contains))
        {
            yield return Finding.Fault("CLERK_WEBHOOK_SIGNING_SECRET and DUB_WEBHOOK_SECRET are the same.", "Copy each from its own service: the Clerk Dashboard, page Webhooks, and Dub's Settings, Webhooks.");
        }

        if (installation.ApiKey is { } apiKey && apiKey == installation.Options.DubApiKey)
        {
            yield return Finding.Fault("DUBCLERK_API_KEY is your DUB_API_KEY, so whoever may call this host may use your Dub workspace.", "Choose another long random text for DUBCLERK_API_KEY.");
        }
    }

    private static bool Differ(string? one, string? other) => !string.IsNullOrWhiteSpace(one) && !string.IsNullOrWhiteSpace(other) && one.Trim() != other.Trim();

    private static bool? IsProduction(string secretKey)
        => secretKey.StartsWith("sk_live_", StringComparison.Ordinal) ? true : secretKey.StartsWith("sk_test_", StringComparison.Ordinal) ? false : null;

    private static string Kind(bool isProduction) => isProduction ? "production" : "development";
}
