using System.CommandLine;
using System.Globalization;
using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Host.Moving;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>move</c>: copies what the embedded store holds to a Redis, Valkey or Redis Cluster, and proves that it did.</summary>
internal static class MoveCommand
{
    /// <summary>A server that is busy with our own writes is no broken one.</summary>
    private const int PatienceMilliseconds = 60_000;

    private static readonly Option<string?> To = new("--to") { Description = "Where to, as a StackExchange.Redis connection string. Default: the environment variable ConnectionStrings__Redis, which other users of the machine cannot read." };
    private static readonly Option<string?> Data = new("--data") { Description = "The data folder of the host. Default: the environment variable DUBCLERK_DATA_DIR, else Dub.Clerk under your local application data." };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with a move that was broken off: write what is missing or other, drop what has gone since." };
    private static readonly Option<bool> Json = JsonOutput.Option();

    public static Command Create()
    {
        var command = new CommandWithExamples(
            "move",
            "Copy everything from the embedded store of a host that is stopped to a Redis, Valkey or Redis Cluster, and read it back. Changes nothing in the folder.",
            "move --to redis.example.com:6379,user=dub,ssl=true",
            "move --resume --json")
        {
            To, Data, Resume, Json,
        };
        command.SetAction((parsed, cancellationToken) => StartupFaults.ReportRefusalsAsync(async () =>
        {
            StartupFaults.RefuseUnknown(parsed.UnmatchedTokens);
            return await ReportAsync(() => RunAsync(parsed, cancellationToken));
        }));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var configuration = WebApplication.CreateBuilder().Configuration;
        var target = ReadTarget(parsed.GetValue(To) ?? configuration.GetConnectionString("Redis"));
        var folder = parsed.GetValue(Data) is { Length: > 0 } given ? Path.GetFullPath(given) : HostSettings.DataDirectory(configuration);
        if (!DataFolder.HasStore(folder))
        {
            throw new HostSetupException($"There is no embedded store in {folder}. Name its folder with --data or DUBCLERK_DATA_DIR.");
        }

        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var store = new EmbeddedStore(folder, loggers, TimeProvider.System);
        await store.StartAsync(cancellationToken);
        await using var from = await ConnectionMultiplexer.ConnectAsync(Careful(store.ConfigurationOptions));
        await using var to = await ConnectAsync(target);
        var move = new StoreMove(from, to, new StoreKeys(configuration["DubClerk:KeyPrefix"] is { Length: > 0 } prefix ? prefix : new DubClerkOptions().KeyPrefix), TimeProvider.System);

        await using var telling = ConsoleProgress.Tell(() => string.Create(CultureInfo.InvariantCulture, $"{move.Progress.Step}: {move.Progress.Keys:N0} keys"));
        var result = await move.RunAsync(parsed.GetValue(Resume), cancellationToken);
        Show(result, parsed.GetValue(Json));
        return result.Moved ? ExitCode.Done : ExitCode.Failed;
    }

    private static ConfigurationOptions ReadTarget(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new HostSetupException("It is not said where to. Give the connection string with --to, or in ConnectionStrings__Redis.");
        }

        try
        {
            var target = Careful(ConfigurationOptions.Parse(text));
            target.ClientName ??= "Dub.Clerk.Host move";
            return target.EndPoints.Count > 0 ? target : throw new ArgumentException("No server is named.", nameof(text));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // What is wrong with it would repeat a part of it, and one part is the password.
            throw new HostSetupException("--to is no connection string of StackExchange.Redis, such as redis.example.com:6379,user=dub,password=…,ssl=true.");
        }
    }

    /// <summary>Fails rather than waits for a server that is gone, and names no keys in what it says of that.</summary>
    private static ConfigurationOptions Careful(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.IncludeDetailInExceptions = false;
        options.AsyncTimeout = Math.Max(options.AsyncTimeout, PatienceMilliseconds);
        return options;
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions target)
    {
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(target);
        }
        catch (RedisConnectionException e)
        {
            throw new MoveException($"The target cannot be reached ({e.FailureType}). Is the address right, does it run, are user, password and TLS as it wants them?");
        }
    }

    private static void Show(MoveResult result, bool json)
    {
        if (json)
        {
            JsonOutput.Print(result, MoveJsonContext.Default.MoveResult);
            return;
        }

        if (!result.Moved)
        {
            foreach (var difference in result.Differences)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{difference.Fault}: {difference.Keys:N0} of the kind {difference.Kind}"));
            }

            Console.WriteLine("The copy is not as its original, and no host starts on it. Does anybody else write to the target? Run it again with --resume.");
            return;
        }

        var types = string.Join(", ", result.Types.Select(type => string.Create(CultureInfo.InvariantCulture, $"{type.Type} {type.Source:N0}")));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Types.Sum(type => type.Source):N0} keys ({types}) with {result.Types.Sum(type => type.Values):N0} values are in the target; each was read back and is as its original. {result.Written:N0} were written now, in {result.Seconds:N1} s."));
        Console.WriteLine("Now set ConnectionStrings__Redis to the target, and start the host. The data folder is as it was; from then on it grows old.");
    }

    private static async Task<int> ReportAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (MoveException e)
        {
            return Refuse(e.Message);
        }
        catch (EmbeddedStoreException e)
        {
            return Refuse(e.IsInUse ? "A host runs on this data folder. Stop it first: what it wrote meanwhile would be missing." : e.Message);
        }
        catch (RedisServerException e)
        {
            return BreakOff($"A command was refused: {e.Message}");
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return BreakOff("The connection was lost.");
        }
        catch (OperationCanceledException)
        {
            return BreakOff("Stopped.");
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine("Nothing is moved. " + why);
        return ExitCode.Failed;
    }

    private static int BreakOff(string why)
    {
        Console.Error.WriteLine(why + " The move is broken off, and no host starts on the half of it. Run it again with --resume.");
        return ExitCode.Failed;
    }
}
