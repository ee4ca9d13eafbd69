using System.Text.RegularExpressions;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>What the README says is so.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(SourceTree.Root, "README.md"));

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/Dub.Clerk/README.md")]
    public void Code_IsTheCompiledOne(string file)
    {
        var sample = File.ReadAllLines(Path.Combine(SourceTree.Root, "tests", "Dub.Clerk.Tests", "Documentation", "SampleApp.cs")).Select(line => line.Trim());
        var snippets = Regex.Matches(File.ReadAllText(Path.Combine(SourceTree.Root, file)), "```csharp\n(.*?)```", RegexOptions.Singleline);
        var lines = snippets.SelectMany(snippet => snippet.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

        // How an app begins and ends is not ours to show by running it.
        Assert.All(lines.Except(["var builder = WebApplication.CreateBuilder(args);", "app.Run();"]), line => Assert.Contains(line, sample));
        Assert.NotEmpty(snippets);
    }

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

    [Fact]
    public void SettingsTable_NamesEveryOption()
        => Assert.All(
            typeof(DubClerkOptions).GetProperties().Select(property => property.Name),
            name => Assert.Matches(WellKnown.TryGetValue(name, out var wellKnown) ? $"`{wellKnown}`" : $"(`|DubClerk__){name}", Readme));

    [Fact]
    public void Links_LeadToFilesThatExist()
        => Assert.All(
            Regex.Matches(Readme, "\\]\\((?!https?:)([^)#]+)").Select(match => match.Groups[1].Value),
            path => Assert.True(File.Exists(Path.Combine(SourceTree.Root, path)), path));
}
