using Dub.Clerk.Analytics;
using Dub.Clerk.Conversions;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Analytics;

/// <summary>What is counted, whatever store it is on, by a model that is too simple to be wrong: all events in a list.</summary>
public abstract class AnalyticsContract(StoreKind kind, ITestOutputHelper output) : HostContract(kind)
{
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Cairo"];
    private static readonly EventKind[] Kinds = Enum.GetValues<EventKind>();

    /// <summary>Some weeks after the clocks of Europe and America have changed.</summary>
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 15, 20, 0, TimeSpan.Zero);

    private readonly List<LoggedEvent> _model = [];
    private Random _random = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private AnalyticsService Analytics => Host.Get<AnalyticsService>();

    private protected override Task BeginAsync()
    {
        Time.SetUtcNow(Now);
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        _random = new Random(seed);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task AnyQuestion_IsAnsweredAsByCountingOneByOne()
    {
        await Task.WhenAll(Enumerable.Range(0, 1500).Select(_ => RecordAsync(AnyEvent())));

        for (var i = 0; i < 150; i++)
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(Pick(Zones));
            var period = AnyPeriod(zone);
            var filter = AnyFilter();
            EventKind[] kinds = _random.Next(3) > 0 ? Kinds : [Pick(Kinds)];
            var question = $"{period.From:u} to {period.To:u} by {period.Granularity} of {zone.Id}, {string.Join('+', kinds)}, {Describe(filter)}";
            var matching = _model.Where(one => one.Timestamp >= period.From && one.Timestamp < period.To && kinds.Contains(one.Kind) && filter.Matches(one)).ToList();

            Assert.True(Sum(matching) == await Analytics.CountAsync(period, kinds, filter, Cancellation), $"count, {question}");
            var parts = await Analytics.ByPartAsync(period, kinds, filter, Cancellation);
            var expected = period.Starts.Select((_, part) => Sum(matching.Where(one => period.PartOf(one.Timestamp) == part)));
            Assert.True(expected.SequenceEqual(parts), $"timeseries, {question}");
            var dimension = Pick(Dimensions.All);
            var values = await Analytics.ByValueAsync(dimension, period, kinds, filter, Cancellation);
            var groups = matching.Where(one => Dimensions.Of(one.Click, dimension).Length > 0).GroupBy(one => Dimensions.Of(one.Click, dimension));
            Assert.True(groups.Count() == values.Count && groups.All(group => values.GetValueOrDefault(group.Key) == Sum(group)), $"by {dimension}, {question}");
        }
    }

    [Fact]
    public async Task EventsInAnyOrderAndTime_AreReadLikeTheList()
    {
        await Task.WhenAll(Enumerable.Range(0, 1500).Select(_ => RecordAsync(AnyEvent())));

        for (var i = 0; i < 30; i++)
        {
            var from = Now.AddMinutes(-_random.Next(0, 60 * 24 * 60));
            var (to, one, newestFirst, skip) = (from.AddMinutes(_random.Next(0, 60 * 24 * 60)), Pick(Kinds), _random.Next(2) == 0, _random.Next(0, 50));
            var inTime = _model.Where(logged => logged.Kind == one && logged.Timestamp >= from && logged.Timestamp < to)
                .OrderBy(logged => logged.Timestamp.ToUnixTimeMilliseconds()).ThenBy(IdOf, StringComparer.Ordinal).Select(IdOf);
            var expected = (newestFirst ? inTime.Reverse() : inTime).Skip(skip);

            var read = await Host.Events.ReadAsync(one, from, to, newestFirst, skip, Cancellation).Select(IdOf).ToListAsync(Cancellation);

            Assert.Equal(expected, read);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LongDay_IsReadOnceAndWholeWhileMoreComes(bool newestFirst)
    {
        // Many at one moment, so that pages end within one.
        var midnight = new DateTimeOffset(Now.Date, TimeSpan.Zero);
        await Task.WhenAll(Enumerable.Range(0, 3000).Select(_ => RecordAsync(new LoggedEvent(AnyClick(midnight.AddMilliseconds(_random.Next(0, 20) * 100))))));
        var expected = _model.Select(IdOf).ToHashSet();
        var read = new List<LoggedEvent>();

        await foreach (var one in Host.Events.ReadAsync(EventKind.Clicks, midnight, midnight.AddDays(1), newestFirst, cancellationToken: Cancellation))
        {
            read.Add(one);
            if (read.Count % 100 == 0)
            {
                await RecordAsync(new LoggedEvent(AnyClick(midnight.AddMilliseconds(_random.Next(0, 20) * 100))));
            }
        }

        Assert.Equal(read.Count, read.DistinctBy(IdOf).Count());
        Assert.Empty(expected.Except(read.Select(IdOf)));
        var times = read.Select(one => one.Timestamp.ToUnixTimeMilliseconds());
        Assert.Equal(newestFirst ? times.OrderDescending() : times.Order(), times);
    }

    [Fact]
    public async Task ManyReadersAndWriters_CountEachEventOnce()
    {
        var recorded = 0L;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(reader => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                LoggedEvent one;
                lock (_random)
                {
                    one = AnyEvent();
                }

                await RecordAsync(one);
                Interlocked.Increment(ref recorded);
                // The same again changes nothing.
                await RecordAsync(one, isRepeat: true);
                if (reader % 4 == 0)
                {
                    // What was recorded before is counted, whoever else sums up meanwhile.
                    var atLeast = Interlocked.Read(ref recorded);
                    var count = await Analytics.CountAsync(Everything, Kinds, EventFilter.None, Cancellation);
                    Assert.InRange(count.Clicks + count.Leads + count.Sales, atLeast, long.MaxValue);
                }
            }
        })));

        Assert.Equal(Sum(_model), await Analytics.CountAsync(Everything, Kinds, EventFilter.None, Cancellation));
        Assert.Equal(Sum(_model.Where(one => one.Click.Browser == "Chrome")), (await Analytics.ByValueAsync(Dimension.Browser, Everything, Kinds, EventFilter.None, Cancellation))["Chrome"]);
    }

    [Fact]
    public async Task WhatWasRecorded_IsCountedAtOnce()
    {
        for (var clicks = 1; clicks <= 5; clicks++)
        {
            await RecordAsync(new LoggedEvent(AnyClick(Now)));
            Assert.Equal(clicks, (await Analytics.CountAsync(Everything, Kinds, EventFilter.None, Cancellation)).Clicks);
        }
    }

    [Fact]
    public async Task LongAnswers_ComeWhole()
    {
        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 300).Select(j => RecordAsync(new LoggedEvent(AnyClick(Now) with { Referrer = $"https://site-{i}-{j}.example/{new string('a', 200)}" }))));
        }

        var pages = await Analytics.ByValueAsync(Dimension.RefererUrl, Everything, Kinds, EventFilter.None, Cancellation);

        Assert.Equal(6000, pages.Count);
        Assert.All(pages.Values, totals => Assert.Equal(1, totals.Clicks));
        Assert.Equal(6000, await Host.Events.ReadAsync(EventKind.Clicks, Now.AddDays(-1), Now.AddDays(1), cancellationToken: Cancellation).CountAsync(Cancellation));
    }

    private static Period Everything => new(Now.AddDays(-100), Now.AddDays(1), Granularity.Day, TimeZoneInfo.Utc);

    private static Totals Sum(IEnumerable<LoggedEvent> events) => events.Aggregate(default(Totals), (sum, one) => sum + Totals.Of(one));

    private static string IdOf(LoggedEvent one) => one.Sale?.Id ?? one.Lead?.Id ?? one.Click.Id;

    private static string Describe(EventFilter filter)
        => $"{string.Join(" and ", filter.Dimensions.Select(one => $"{one.Dimension}{(one.IsNegated ? " not" : string.Empty)} {string.Join(',', one.Values)}"))} sales {filter.FirstSales} customer {filter.Customer?.Id}";

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    private Task RecordAsync(LoggedEvent one, bool isRepeat = false)
    {
        if (!isRepeat)
        {
            lock (_model)
            {
                _model.Add(one);
            }
        }

        return Host.Planter.PlantAsync(one);
    }

    private LoggedEvent AnyEvent()
    {
        var at = Now.AddSeconds(-_random.Next(0, 60 * 24 * 3600));
        var click = AnyClick(at);
        return _random.Next(4) switch
        {
            0 => new LoggedEvent(click, Lead: new LeadEvent { Id = Ids.NewEvent(), EventName = "Sign up", Timestamp = at, CustomerExternalId = "c", Click = click with { Timestamp = at.AddHours(-1) } }),
            1 => new LoggedEvent(click, Sale: new SaleEvent
            {
                Id = Ids.NewEvent(),
                EventName = "Purchase",
                Timestamp = at,
                CustomerExternalId = "c",
                Click = click with { Timestamp = at.AddHours(-1) },
                Amount = _random.Next(1, 10_000),
                Currency = "usd",
                PaymentProcessor = "custom",
                IsConversion = _random.Next(2) == 0,
            }),
            _ => new LoggedEvent(click),
        };
    }

    private Click AnyClick(DateTimeOffset at) => new()
    {
        Id = Ids.NewEvent(),
        Timestamp = at,
        LinkId = Pick(["link_1", "link_2", "link_3"]),
        Domain = Pick(["acme.test", "b.test"]),
        Key = "k",
        Url = Pick(["https://a.test/", "https://a.test/?utm_source=x&utm_medium=y", "https://a.test/?utm_source=z#f"]),
        Country = Pick([null, "US", "DE"]),
        Region = Pick([null, "CA"]),
        City = Pick([null, "Springfield", "Berlin"]),
        Browser = Pick([null, "Chrome", "Safari"]),
        Device = Pick([null, "Mobile"]),
        Referrer = Pick([null, "https://news.test/a", "https://news.test/b"]),
    };

    private Period AnyPeriod(TimeZoneInfo zone)
    {
        var first = TimeZoneInfo.ConvertTime(Now.AddDays(-_random.Next(0, 62)), zone).Date;
        var days = _random.Next(4) switch { 0 => 1, 1 => 2, 2 => _random.Next(3, 20), _ => 62 };
        return new Period(
            Period.Midnight(first, zone), Period.Midnight(first.AddDays(days), zone), days <= 2 ? Granularity.Hour : days > 40 ? Granularity.Month : Granularity.Day, zone);
    }

    private EventFilter AnyFilter()
    {
        var dimensions = Enumerable.Range(0, _random.Next(4) switch { 0 or 1 => 0, 2 => 1, _ => 2 }).Select(_ =>
        {
            var dimension = Pick(Dimensions.All);
            var values = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Dimensions.Of(AnyClick(Now), dimension)).Where(value => value.Length > 0)
                .Select(value => value[(value.LastIndexOf(Dimensions.Separator) + 1)..]).Append("none").ToHashSet();
            return new DimensionFilter(dimension, values, _random.Next(3) == 0);
        });
        return new EventFilter { Dimensions = [.. dimensions], FirstSales = _random.Next(8) == 0 ? _random.Next(2) == 0 : null };
    }
}

/// <summary>On the embedded store.</summary>
public sealed class AnalyticsOnGarnet(ITestOutputHelper output) : AnalyticsContract(StoreKind.Garnet, output);

/// <summary>On redis-server.</summary>
public sealed class AnalyticsOnRedis(ITestOutputHelper output) : AnalyticsContract(StoreKind.Redis, output);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class AnalyticsOnCluster(ITestOutputHelper output) : AnalyticsContract(StoreKind.Cluster, output);
