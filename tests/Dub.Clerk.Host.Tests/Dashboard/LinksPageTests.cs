using System.Text.Json.Nodes;
using Dub.Clerk.Host.Dashboard;
using Dub.Clerk.Testing;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What the page of links says where it lists none, and the form that makes one.</summary>
[Collection(SharedDashboard.Name)]
public sealed class LinksPageTests(DashboardFixture dashboard)
{
    [Fact]
    public async Task LinksThatAreAllArchived_AreNotDenied()
    {
        await using var host = await HostFixture.StartAsync();
        await using var reader = await dashboard.OpenAsync("/links", host: host);
        await reader.Text("There are no links yet").WaitForAsync();

        await host.CallAsync(HttpMethod.Post, "/links", """{"url":"https://example.com/","domain":"127.0.0.1","key":"old","archived":true}""");
        await reader.OpenAsync("/links");

        await reader.Text("All links are archived").WaitForAsync();
        await reader.Page.GetByLabel("Archived too").CheckAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "127.0.0.1/old" }).WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TooManyToOrder_IsARefusalAndNoEmptyList()
    {
        await using var host = await HostFixture.StartAsync();
        for (var made = 0; made <= 10_000; made += 100)
        {
            var links = Enumerable.Range(made, 100).Select(key => (JsonNode)new JsonObject { ["url"] = "https://example.com/", ["domain"] = "127.0.0.1", ["key"] = $"k{key}" });
            Assert.Equal(200, (await host.CallAsync(HttpMethod.Post, "/links/bulk", new JsonArray([.. links]).ToJsonString())).Status);
        }

        await using var reader = await dashboard.OpenAsync("/links", host: host);
        await reader.Page.GetByRole(AriaRole.Row).Nth(1).WaitForAsync();
        await reader.Page.GetByLabel("Order").SelectOptionAsync("Clicks");

        await reader.Page.GetByRole(AriaRole.Alert).GetByText("More than 10,000 links match").WaitForAsync();
        Assert.Equal(0, await reader.Text("There are no links yet").CountAsync());
        await reader.Page.GetByLabel("Order").SelectOptionAsync("Newest");
        await reader.Page.GetByRole(AriaRole.Row).Nth(1).WaitForAsync();
        Assert.Equal(0, await reader.Text("More than 10,000 links match").CountAsync());
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task PageWhoseLinksAreGone_IsTheFirst()
    {
        await using var host = await HostFixture.StartAsync();
        foreach (var key in Enumerable.Range(0, LinkTable.PageSize + 1))
        {
            await host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://example.com/","domain":"127.0.0.1","key":"of-{{key}}","externalId":"{{key}}"}""");
        }

        await using var reader = await dashboard.OpenAsync("/links", host: host);
        await reader.Button("Older").ClickAsync();
        await reader.Text("Page 2").WaitForAsync();
        await reader.Button("Newer").ClickAsync();
        await reader.Text("Page 1").WaitForAsync();

        Assert.Equal(200, (await host.CallAsync(HttpMethod.Delete, "/links/ext_0")).Status);
        await reader.Button("Older").ClickAsync();

        await Assertions.Expect(reader.Button("Older")).ToBeDisabledAsync();
        await Assertions.Expect(reader.Text("Page 1")).ToBeVisibleAsync();
        await Assertions.Expect(reader.Page.Locator("tbody tr")).ToHaveCountAsync(LinkTable.PageSize);
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task CreateClickedTwice_MakesOneLink()
    {
        await using var reader = await dashboard.OpenAsync("/links/new");
        await reader.Page.GetByLabel("Target").FillAsync("https://example.com/clicked-twice");
        await reader.Page.GetByLabel("Domain").FillAsync("127.0.0.1");
        await reader.Button("Create").DblClickAsync();

        await reader.Button("Delete").WaitForAsync();
        var (_, links) = await dashboard.Host.CallAsync(HttpMethod.Get, "/links?search=clicked-twice");
        Assert.Single(links.EnumerateArray());
    }

    [Fact]
    public async Task RefusalOfOneLink_IsNotSaidOfTheNext()
    {
        var (id, name) = await dashboard.CreateLinkAsync("refused");
        await using var reader = await dashboard.OpenAsync($"/links/{id}");
        await reader.Page.GetByLabel("Target").FillAsync("https://");
        await reader.Button("Save").ClickAsync();
        await reader.Text("Invalid destination URL").WaitForAsync();

        await reader.Page.EvaluateAsync("Blazor.navigateTo('/dashboard/links/new')");

        await reader.Button("Create").WaitForAsync();
        await Assertions.Expect(reader.Text("Invalid destination URL")).ToHaveCountAsync(0);
        Assert.Equal(0, await reader.Text(name).CountAsync());
    }
}
