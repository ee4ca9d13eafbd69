using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dub.Clerk.Erasure;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.SignUps;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>What the pages on numbers show is what <c>/analytics</c> and <c>/events</c> answer, to the unit.</summary>
[Collection(SharedDashboard.Name)]
public sealed class NumbersTests(DashboardFixture dashboard)
{
    private const string Berlin = "Europe/Berlin";

    [Fact]
    public async Task Demo_IsTheSameOnThePagesAsInTheApi()
    {
        await using var host = await HostFixture.StartAsync(
            new Dictionary<string, string?> { ["DubClerk:AllowAnyAuthorizedParty"] = "true" },
            more: web => web.MapGet("/welcome", () => TypedResults.Text("welcome")));
        using var stage = new DemoStage(host.Clerk, host.Origin, HostFixture.ApiKey);
        await stage.SetUpAsync();
        Assert.All(await DemoCases.PlayAsync(stage), result => Assert.Null(result.Fault));
        await using var reader = await dashboard.OpenAsync(string.Empty, host: host);

        foreach (var (query, granularity) in (IEnumerable<(string, string)>)[("interval=24h&timezone=UTC", "Hour"), ("interval=90d&timezone=Asia/Kolkata", "Day"), ("interval=all&timezone=America/New_York", "Month")])
        {
            await AssertSameAsApiAsync(reader, host, query, granularity);
        }

        await reader.OpenAsync("/funnel?interval=90d&timezone=UTC");
        var (_, count) = await host.CallAsync(HttpMethod.Get, "/analytics?event=composite&interval=90d&timezone=UTC");
        var (_, clicks) = await host.CallAsync(HttpMethod.Get, "/events?event=clicks&interval=90d&limit=1000");
        Assert.Equal(clicks.GetArrayLength(), count.GetProperty("clicks").GetInt32());
        Assert.Equal(
            [$"Clicks {count.GetProperty("clicks")}", "Sign-ups 9", $"Leads {count.GetProperty("leads")}", $"Sales {count.GetProperty("sales")}"],
            await TextsAsync(reader.Page, ".funnel li", li => $"{li[0]} {li[1]}"));
        Assert.Equal(
            ["4 Became a lead", "1 No click", "1 Existing user", "1 Click after the sign-up", "1 No click id", "1 Unknown click"],
            await TextsAsync(reader.Page, ".losses a", words => string.Join(' ', words)));

        // The account of 40 days is none of the last 30.
        await reader.OpenAsync("/funnel?interval=30d&timezone=UTC");
        await reader.Page.Locator(".funnel li").Filter(new() { HasText = "Sign-ups" }).GetByText("8", new() { Exact = true }).WaitForAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "Unknown click" }).ClickAsync();
        await reader.Page.GetByRole(AriaRole.Heading, new() { Name = "Unknown click" }).WaitForAsync();
        await reader.Page.Locator("tbody a").ClickAsync();
        await reader.Text("No lead: nobody knows the click.").WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task AcrossAClockChangeAndAcrossHosts_NumbersAgree()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisServerFixture.StartAsync();
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ConfigurationOptions.ToString(includePassword: true) };
        await using var one = await HostFixture.StartAsync(settings);
        await using var other = await HostFixture.StartAsync(settings);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Berlin);
        var random = new Random(7);
        var campaign = new Campaign(one, random);
        var changes = ChangesBefore(DateTimeOffset.UtcNow.AddDays(-2), zone).Take(2).ToList();
        foreach (var change in changes)
        {
            // In each hour of the day of the change, of the days beside it too.
            foreach (var hour in Enumerable.Range(-48, 96))
            {
                await campaign.ClickAsync(change.AddHours(hour).AddSeconds(random.Next(3600)));
                await campaign.LeadAsync(change.AddHours(hour));
                await campaign.SaleAsync(change.AddHours(hour).AddSeconds(3599));
            }
        }

        await using var reader = await dashboard.OpenAsync(string.Empty, host: other);
        foreach (var change in changes)
        {
            var day = TimeZoneInfo.ConvertTime(change, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var hours = await AssertSameAsApiAsync(reader, one, $"start={day}&end={day}&timezone={Berlin}", "Hour");
            Assert.Equal(zone.GetUtcOffset(change) > zone.GetUtcOffset(change.AddHours(-1)) ? 23 : 25, hours.Count);
            Assert.Equal(hours.Count, hours.Select(hour => hour[0]).Distinct().Count());
            Assert.All(hours, hour => Assert.Equal(["1", "1", "1"], hour[1..4]));

            var week = (From: change.AddDays(-3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), To: change.AddDays(3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            var days = await AssertSameAsApiAsync(reader, one, $"start={week.From}&end={week.To}&timezone={Berlin}", "Day");
            Assert.Equal(96, days.Sum(row => int.Parse(row[1], CultureInfo.InvariantCulture)));
            foreach (var kind in (string[])["clicks", "leads", "sales"])
            {
                var (_, events) = await other.CallAsync(HttpMethod.Get, $"/events?event={kind}&start={week.From}&end={week.To}&timezone={Berlin}&limit=1000");
                Assert.Equal(96, events.GetArrayLength());
            }
        }

        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Chart_IsReadOutByPointerAndKey()
    {
        await using var host = await HostFixture.StartAsync();
        await new Campaign(host, new Random(3)).HappenAsync(300, days: 29);
        await using var reader = await dashboard.OpenAsync("/over-time?interval=30d&timezone=UTC", host: host);
        var rows = await RowsAsync(reader.Page);
        var slider = reader.Page.GetByRole(AriaRole.Slider, new() { Name = "Day" });

        await Assertions.Expect(slider).ToHaveAttributeAsync("aria-valuetext", Said(rows[^1]));
        await slider.FocusAsync();
        await reader.Page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(slider).ToHaveAttributeAsync("aria-valuetext", Said(rows[^2]));
        await reader.Page.Keyboard.PressAsync("Home");
        await Assertions.Expect(slider).ToHaveAttributeAsync("aria-valuetext", Said(rows[0]));

        var box = (await reader.Page.Locator(".plot").Nth(2).BoundingBoxAsync())!;
        await reader.Page.Mouse.MoveAsync(box.X + (box.Width * 10.5f / rows.Count), box.Y + (box.Height / 2));
        await Assertions.Expect(slider).ToHaveAttributeAsync("aria-valuetext", Said(rows[10]));
        Assert.Equal(rows[10], await TextsAsync(reader.Page, ".reading b", words => string.Join(' ', words)));
        reader.AssertNothingWentWrong();

        static string Said(IReadOnlyList<string> row) => $"{row[0]}, Clicks {row[1]}, Leads {row[2]}, Sales {row[3]}, Amount {row[4]}";
    }

    [Fact]
    public async Task Form_AsksForAnotherTimeZoneAndLink()
    {
        var (_, name) = await dashboard.CreateLinkAsync("asked");
        await dashboard.SignUpAsync("user_asked", await dashboard.FollowAsync("asked"));
        await dashboard.FollowAsync("asked");
        await using var reader = await dashboard.OpenAsync("/over-time");
        await Assertions.Expect(reader.Page.GetByLabel("Time zone")).ToHaveValueAsync(await reader.Page.EvaluateAsync<string>("Intl.DateTimeFormat().resolvedOptions().timeZone"));

        await reader.Page.GetByLabel("Time", new() { Exact = true }).SelectOptionAsync("24h");
        await reader.Page.GetByLabel("Time zone").FillAsync("Asia/Kolkata");
        await reader.Page.GetByLabel("Time zone").PressAsync("Enter");
        await reader.Page.GetByLabel("Link").FillAsync($"https://{name}");
        await reader.Page.GetByLabel("Link").PressAsync("Enter");

        await Assertions.Expect(reader.Page).ToHaveURLAsync(new Regex($"/over-time\\?interval=24h&timezone=Asia%2FKolkata&link={Uri.EscapeDataString(name)}$"));
        await Assertions.Expect(reader.Page.Locator(".panel h2 b")).ToHaveTextAsync(["2", "1", "0", "$0.00"]);

        await reader.Page.GetByLabel("Time", new() { Exact = true }).SelectOptionAsync("custom");
        await reader.Page.GetByLabel("From").FillAsync("2024-02-28");
        await reader.Page.GetByLabel("From").PressAsync("Enter");
        await reader.Page.WaitForURLAsync("**start=2024-02-28**");
        await reader.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Month", IncludeHidden = true }).WaitForAsync(new() { State = WaitForSelectorState.Attached });
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task FieldsFilledFasterThanTheHostAnswers_AreAllAskedFor()
    {
        var (_, name) = await dashboard.CreateLinkAsync("hurried");
        await dashboard.FollowAsync("hurried");
        await using var reader = await dashboard.OpenAsync(string.Empty);
        var answers = await SlowAnswers.OfAsync(reader.Page);
        await reader.OpenAsync("/over-time?timezone=UTC");
        await reader.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Day", IncludeHidden = true }).WaitForAsync(new() { State = WaitForSelectorState.Attached });

        answers.Hold();
        await reader.Page.GetByLabel("Time", new() { Exact = true }).SelectOptionAsync("24h");
        await reader.Page.GetByLabel("Time zone").FillAsync("Asia/Kolkata");
        await reader.Page.GetByLabel("Time zone").PressAsync("Enter");
        await Poll.UntilAsync(() => answers.Holds("Asia%2FKolkata"), "the host leads the page to the second step");
        answers.PassThrough("interval=24h");
        await Poll.UntilAsync(() => answers.Holds("Hour"), "the host has drawn the first step, which the page has told it of");
        await reader.Page.GetByLabel("Link").FillAsync(name);
        await reader.Page.GetByLabel("Link").PressAsync("Enter");
        await Poll.UntilAsync(() => answers.Holds("hurried\""), "the host leads the page to the third step");
        answers.Release();

        await Assertions.Expect(reader.Page).ToHaveURLAsync(new Regex($"/over-time\\?interval=24h&timezone=Asia%2FKolkata&link={Uri.EscapeDataString(name)}$"));
        Assert.Equal(("24h", "Asia/Kolkata", name), (await ValueAsync("Time"), await ValueAsync("Time zone"), await ValueAsync("Link")));
        reader.AssertNothingWentWrong();

        Task<string> ValueAsync(string label) => reader.Page.GetByLabel(label, new() { Exact = true }).InputValueAsync();
    }

    [Theory]
    [InlineData("start=2026-05-02&end=2026-05-01", "The end date cannot be before the start date.")]
    [InlineData("interval=2w", "Invalid option")]
    [InlineData("timezone=Nowhere/Land", "There is no time zone Nowhere/Land.")]
    [InlineData("link=example.com/none", "There is no link example.com/none.")]
    public async Task WhatCannotBeAnswered_IsSaid(string query, string said)
    {
        await using var reader = await dashboard.OpenAsync("/over-time?" + query);
        await reader.Text(said).WaitForAsync();
        await reader.OpenAsync("/funnel?" + query);
        await reader.Text(said).WaitForAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task LostSignUps_AreListedPageByPage()
    {
        await using var host = await HostFixture.StartAsync();
        await SignUpAsync(host, 60);

        await using var reader = await dashboard.OpenAsync("/funnel?interval=7d&timezone=UTC", host: host);
        await reader.Text("One may still come for 60 of them.").WaitForAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "60 No click" }).ClickAsync();
        await AssertPageAsync(35, 25, "1–25 of 60");
        await reader.Button("Older").ClickAsync();
        await AssertPageAsync(10, 25, "26–50 of 60");
        await reader.Button("Older").ClickAsync();
        await AssertPageAsync(0, 10, "51–60 of 60");
        await Assertions.Expect(reader.Button("Older")).ToBeDisabledAsync();
        await reader.Button("Newer").ClickAsync();
        await AssertPageAsync(10, 25, "26–50 of 60");

        Assert.Equal(0, await reader.Text("Grace").CountAsync());
        await reader.Button("Show the name of user_34").ClickAsync();
        await reader.Text("Grace").WaitForAsync();
        reader.AssertNothingWentWrong();

        async Task AssertPageAsync(int first, int count, string said)
        {
            await reader.Text(said).WaitForAsync();
            Assert.Equal(Enumerable.Range(first, count).Reverse().Select(user => $"user_{user:00}"), await TextsAsync(reader.Page, "tbody a", words => string.Join(' ', words)));
        }
    }

    [Fact]
    public async Task PageWhoseUsersAreGone_IsTheFirst()
    {
        await using var host = await HostFixture.StartAsync();
        await SignUpAsync(host, 26);
        await using var reader = await dashboard.OpenAsync("/sign-ups/no-click?interval=7d&timezone=UTC", host: host);
        await reader.Text("1–25 of 26").WaitForAsync();
        await host.Get<ErasureService>().BeginAsync("user_00");
        await Poll.UntilAsync(() => host.Get<ErasureService>().IsDoneAsync("user_00"), "the oldest is erased");

        await reader.Button("Older").ClickAsync();

        await reader.Text("1–25 of 25").WaitForAsync();
        await Assertions.Expect(reader.Button("Older")).ToBeDisabledAsync();
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task PageThatCannotBeRead_LeavesTheOneThatIsShown()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisNode.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ImpatientConnection });
        await SignUpAsync(host, 30);
        await using var reader = await dashboard.OpenAsync("/sign-ups/no-click?interval=7d&timezone=UTC", host: host);
        await reader.Text("1–25 of 30").WaitForAsync();

        redis.Pause();
        await reader.Button("Older").ClickAsync();
        await reader.Text("The store does not answer").WaitForAsync();
        Assert.True(await reader.Text("1–25 of 30").IsVisibleAsync());

        redis.Resume();
        await Poll.UntilAsync(async () => (await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the host has its store again");
        await reader.Button("Older").ClickAsync();
        await reader.Text("26–30 of 30").WaitForAsync();
        Assert.Equal(5, await reader.Page.Locator("tbody a").CountAsync());
        reader.AssertNothingWentWrong();
    }

    [Fact]
    public async Task TimeThatCannotBeRead_IsNotMixedWithTheOneThatIsShown()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        await using var redis = await RedisNode.StartAsync();
        await using var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = redis.ImpatientConnection });
        await SignUpAsync(host, 30);
        await using var reader = await dashboard.OpenAsync("/funnel?interval=7d&timezone=UTC", host: host);
        var lost = reader.Page.GetByRole(AriaRole.Link, new() { Name = "30 No click" });
        await lost.WaitForAsync();

        redis.Pause();
        await AskForADayAsync();
        Assert.Contains("interval=7d", await lost.GetAttributeAsync("href"), StringComparison.Ordinal);
        await ResumeAsync();
        await lost.ClickAsync();
        await reader.Text("1–25 of 30").WaitForAsync();

        redis.Pause();
        await AskForADayAsync();
        await ResumeAsync();
        await reader.Button("Older").ClickAsync();
        await Assertions.Expect(reader.Text("The store does not answer")).ToHaveCountAsync(0);
        Assert.True(await reader.Text("1–25 of 30").IsVisibleAsync());
        await reader.Button("Older").ClickAsync();
        await reader.Text("26–30 of 30").WaitForAsync();
        reader.AssertNothingWentWrong();

        async Task AskForADayAsync()
        {
            await reader.Page.GetByLabel("Time", new() { Exact = true }).SelectOptionAsync("24h");
            await reader.Text("The store does not answer").WaitForAsync();
        }

        async Task ResumeAsync()
        {
            redis.Resume();
            await Poll.UntilAsync(async () => (await host.Client.GetAsync("/health/ready", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the host has its store again");
        }
    }

    private static async Task SignUpAsync(HostFixture host, int users)
    {
        for (var user = 0; user < users; user++)
        {
            await host.Get<SignUpJoin>().UserCreatedAsync(
                new Clerk.ClerkAccount { UserId = $"user_{user:00}", CreatedAt = DateTimeOffset.UtcNow.AddMinutes(user - 100), FirstName = "Grace" }, CancellationToken.None);
        }
    }

    /// <returns>The table's rows.</returns>
    private static async Task<IReadOnlyList<string[]>> AssertSameAsApiAsync(Reader reader, HostFixture api, string query, string granularity)
    {
        var (status, parts) = await api.CallAsync(HttpMethod.Get, "/analytics?event=composite&groupBy=timeseries&" + query);
        Assert.Equal(200, status);
        await reader.OpenAsync("/over-time?" + query);
        var rows = await RowsAsync(reader.Page);
        Assert.Equal(
            parts.EnumerateArray().Select(part => string.Join(' ', Number(part, "clicks"), Number(part, "leads"), Number(part, "sales"), Amount(part))),
            rows.Select(row => string.Join(' ', row[1..])));
        Assert.Equal(granularity, (await reader.Page.Locator(".scrub label").TextContentAsync())!);

        var (_, total) = await api.CallAsync(HttpMethod.Get, "/analytics?event=composite&" + query);
        await Assertions.Expect(reader.Page.Locator(".panel h2 b")).ToHaveTextAsync([Number(total, "clicks"), Number(total, "leads"), Number(total, "sales"), Amount(total)]);
        return rows;
    }

    private static string Number(JsonElement part, string name) => part.GetProperty(name).GetInt64().ToString("#,0", CultureInfo.InvariantCulture);

    private static string Amount(JsonElement part) => (part.GetProperty("saleAmount").GetInt64() / 100m).ToString("$#,0.00", CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyList<string[]>> RowsAsync(IPage page)
    {
        await page.Locator(".charts tbody").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return await page.EvaluateAsync<string[][]>("() => [...document.querySelector('.charts tbody').rows].map(row => [...row.cells].map(cell => cell.textContent.trim()))");
    }

    /// <summary>The words of each element that is found.</summary>
    private static async Task<IEnumerable<string>> TextsAsync(IPage page, string selector, Func<string[], string> say)
    {
        await page.Locator(selector).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        return (await page.Locator(selector).AllInnerTextsAsync()).Select(text => say(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>When the zone's clocks were changed, latest first.</summary>
    private static IEnumerable<DateTimeOffset> ChangesBefore(DateTimeOffset time, TimeZoneInfo zone)
    {
        for (var hour = new DateTimeOffset(time.Year, time.Month, time.Day, time.Hour, 0, 0, TimeSpan.Zero); ; hour = hour.AddHours(-1))
        {
            if (zone.GetUtcOffset(hour) != zone.GetUtcOffset(hour.AddHours(-1)))
            {
                yield return hour;
            }
        }
    }
}
