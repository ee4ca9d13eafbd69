using System.Diagnostics;
using System.Globalization;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Store;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Whether the store is there, takes writes, keeps them, and holds a format that we know.</summary>
internal sealed class StoreExamination(Installation installation, Probe probe) : IExamination
{
    private const int PatienceMilliseconds = 5000;
    private const int Pings = 5;

    /// <summary>A redirect waits for the store for 200 ms at the most.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    public string Subject => "Store";

    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
        => installation.Options.Redis is { } connectionString ? OfRedisAsync(connectionString)
            : Task.Run<IReadOnlyList<Finding>>(() => [.. DataFolderExamination.Examine(installation.DataDirectory)], cancellationToken);

    private async Task<IReadOnlyList<Finding>> OfRedisAsync(string connectionString)
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return [Finding.NotChecked("ConnectionStrings__Redis cannot be read, so the store is not asked.")];
        }

        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.ConnectTimeout = Math.Min(configuration.ConnectTimeout, PatienceMilliseconds);
        configuration.IncludeDetailInExceptions = false;
        configuration.AllowAdmin = true;
        configuration.ClientName ??= "Dub.Clerk.Host doctor";
        var places = string.Join(", ", configuration.EndPoints.Select(place => place.ToString()?.Replace("Unspecified/", string.Empty, StringComparison.Ordinal)));
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
            var options = Options.Create(installation.Options);
            await using var provider = new ServiceCollection()
                .AddSingleton<IConnectionMultiplexer>(connection).AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<DubClerkMetrics>()
                .BuildServiceProvider();
            await using var store = new StoreConnection(provider, options, provider.GetRequiredService<DubClerkMetrics>());
            return [await ReachAsync(connection, places), await WriteAsync(store), await FormatAsync(store), .. await DurabilityAsync(new StoreInspection(store, options))];
        }
        catch (RedisConnectionException e)
        {
            return
            [
                e.FailureType == ConnectionFailureType.AuthenticationFailure
                    ? Finding.Fault($"The store at {places} refuses the user or password in ConnectionStrings__Redis.", "Correct user= and password= there.")
                    : Finding.Fault($"The store at {places} cannot be reached ({e.FailureType}).", "Start it, or correct address, port, ssl= and firewall in ConnectionStrings__Redis."),
            ];
        }
        catch (Exception e) when (e is StoreException or RedisException or TimeoutException)
        {
            return [Finding.Fault($"The store at {places} was reached and then did not answer.", "Look at its load and its log.")];
        }
    }

    private async Task<Finding> ReachAsync(ConnectionMultiplexer connection, string places)
    {
        var times = new List<TimeSpan>(Pings);
        for (var ping = 0; ping < Pings; ping++)
        {
            var started = Stopwatch.GetTimestamp();
            await connection.GetDatabase().PingAsync();
            times.Add(Stopwatch.GetElapsedTime(started));
        }

        if (connection.GetServers().FirstOrDefault(server => server is { IsConnected: true, IsReplica: false }) is { } master)
        {
            var asked = installation.Time.GetUtcNow();
            probe.SeeClock("the store", new DateTimeOffset(await master.TimeAsync(), TimeSpan.Zero), asked);
        }

        times.Sort();
        var median = times[Pings / 2];
        var said = string.Create(CultureInfo.InvariantCulture, $"The store at {places} answers in {median.TotalMilliseconds:N1} ms.");
        return median <= Slow ? Finding.Ok(said) : Finding.Note(said, "Run it near the host: each webhook waits for it several times, and visitors of short links for at most 200 ms.");
    }

    private static async Task<Finding> WriteAsync(StoreConnection store)
    {
        try
        {
            // Not left there: a store that a move goes to must be empty.
            await store.RunAsync(async database => await database.StringSetAsync(store.Keys.Probe, 1, TimeSpan.FromMinutes(1)) && await database.KeyDeleteAsync(store.Keys.Probe));
            return Finding.Ok("It takes writes.");
        }
        catch (StoreException e)
        {
            return Finding.Fault($"It takes no writes ({(e.InnerException as RedisServerException)?.Message.Split(' ')[0] ?? "no answer"}).", "Let ConnectionStrings__Redis name a master with room left, and a user who may write.");
        }
    }

    private static async Task<Finding> FormatAsync(StoreConnection store)
    {
        if (!await store.RunAsync(database => database.KeyExistsAsync(store.Keys.Meta)))
        {
            return Finding.Note("It is empty: no host or app has used it yet.");
        }

        try
        {
            await new StoreSchema(store).CheckAsync();
            return Finding.Ok("It holds a format that this version knows.");
        }
        catch (StoreFormatException e)
        {
            return Finding.FromMessage(FindingState.Fault, e.Message);
        }
    }

    private static async Task<IReadOnlyList<Finding>> DurabilityAsync(StoreInspection inspection)
    {
        var found = await inspection.InspectAsync();
        return found.Count == 0
            ? [Finding.Ok("It keeps what it acknowledges.")]
            : [.. found.Select(finding => Finding.FromMessage(
                finding.Kind switch { StoreFindingKind.Wrong => FindingState.Fault, StoreFindingKind.Weak => FindingState.Note, _ => FindingState.NotChecked }, finding.Text))];
    }
}
