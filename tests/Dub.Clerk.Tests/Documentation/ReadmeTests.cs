using System.Text.RegularExpressions;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>What the README says is so.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task ThreeLines_MakeAnAppThatRecordsASignUp()
    {
        await using var store = await TestStore.StartAsync(StoreKind.Garnet);
        using var clerk = new Host.StandIns.ClerkStandIn();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CLERK_PUBLISHABLE_KEY"] = clerk.PublishableKey,
            ["CLERK_JWT_KEY"] = clerk.PublicKeyPem,
            ["CLERK_WEBHOOK_SIGNING_SECRET"] = clerk.WebhookSecret,
            ["ConnectionStrings:Redis"] = store.ConnectionString,
            ["DubClerk:AuthorizedParties:0"] = "https://app.example.com",
        });
        await using var app = SampleApp.Build(builder);
        await app.StartAsync(TestContext.Current.CancellationToken);

        using var http = new HttpClient();
        var (_, delivery) = clerk.SignDelivery(clerk.UserCreated("user_1", DateTimeOffset.UtcNow), null, DateTimeOffset.UtcNow);
        delivery.RequestUri = new Uri(app.Urls.First() + "/webhooks/clerk");
        using var response = await http.SendAsync(delivery, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
    }

    /// <summary>Settings with a name that people have already.</summary>
    private static readonly Dictionary<string, string> WellKnown = new()
    {
        ["PublishableKey"] = "CLERK_PUBLISHABLE_KEY",
        ["JwtKey"] = "CLERK_JWT_KEY",
        ["WebhookSigningSecrets"] = "CLERK_WEBHOOK_SIGNING_SECRET",
        ["Redis"] = "ConnectionStrings__Redis",
        ["DubApiKey"] = "DUB_API_KEY",
        ["DubApiUrl"] = "DUB_API_URL",
        ["DubWebhookSecrets"] = "DUB_WEBHOOK_SECRET",
        ["ClerkSecretKey"] = "CLERK_SECRET_KEY",
        ["ClerkApiUrl"] = "CLERK_API_URL",
    };

    /// <summary>Where settings stand: what most need in the root, the rest beside what it sets.</summary>
    private static readonly string[] SettingsFiles = ["README.md", "src/Dub.Clerk/README.md", "src/Dub.Clerk.Host/README.md"];

    private static string SettingsTables { get; } = string.Concat(SettingsFiles.Select(file => MarkdownFile.All[file].Section("Settings")));

    [Fact]
    public void SettingsTables_NameEveryOption()
        => Assert.All(
            typeof(DubClerkOptions).GetProperties().Select(property => property.Name),
            name => Assert.Matches(WellKnown.TryGetValue(name, out var wellKnown) ? $"`{wellKnown}`" : $"(`|DubClerk__){name}", SettingsTables));

    [Fact]
    public void SettingsTables_NameEverySettingOfTheHost()
        => Assert.All(
            Regex.Matches(Sources.Read("src/Dub.Clerk.Host/HostSettings.cs"), "\"(DubClerk:[A-Za-z:]+[A-Za-z]|DUBCLERK_[A-Z_]+)\"").Select(match => match.Groups[1].Value)
                .Where(name => name != "DubClerk:DubWebhookSecrets").Distinct(),
            name => Assert.Matches($"`{name.Replace(":", "__", StringComparison.Ordinal).Replace("DubClerk__PublishableKey", "CLERK_PUBLISHABLE_KEY", StringComparison.Ordinal)}", SettingsTables));

    [Fact]
    public void SettingsThatAreNamed_AreRead()
    {
        var code = string.Concat(new[] { "*.cs", "*.ts", "*.tsx" }.SelectMany(pattern => new[] { "src", "tests", "examples" }.SelectMany(folder => Sources.Below(folder, pattern))));
        var named = MarkdownFile.All.Values.SelectMany(file => Regex.Matches(file.Text, "\\b(?:(?:DUBCLERK|CLERK|DUB|NEXT_PUBLIC)_[A-Z_]+[A-Z]|DubClerk__[A-Za-z_]+[A-Za-z])").Select(match => match.Value)).Distinct();

        Assert.All(named, name => Assert.All(
            name.Split("__", StringSplitOptions.RemoveEmptyEntries).Where(part => part.Any(char.IsLower) || part.Contains('_', StringComparison.Ordinal)),
            part => Assert.Matches($"\\b{part}\\b", code)));
    }
}
