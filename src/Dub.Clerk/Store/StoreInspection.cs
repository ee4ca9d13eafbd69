using System.Net;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>How bad a finding is.</summary>
internal enum StoreFindingKind
{
    /// <summary>What is promised does not hold.</summary>
    Wrong,

    /// <summary>It holds but for a power cut.</summary>
    Weak,

    /// <summary>We are not allowed to ask, as on many managed servers.</summary>
    Unknown,
}

/// <summary>What is amiss with a server of the store, and what to do.</summary>
internal sealed record StoreFinding(StoreFindingKind Kind, string Text);

/// <summary>Asks each master whether it keeps what it acknowledges.</summary>
internal sealed class StoreInspection
{
    private static readonly string[] Settings = ["appendonly", "appendfsync", "maxmemory", "maxmemory-policy"];

    private readonly StoreConnection? _store;
    private readonly int _replicas;

    public StoreInspection(StoreConnection store, IOptions<DubClerkOptions> options)
        => (_store, _replicas) = (store, options.Value.ReplicasPerWrite);

    private StoreInspection()
    {
    }

    /// <summary>For a store that sees to that itself.</summary>
    public static StoreInspection NotNeeded { get; } = new();

    /// <returns>Nothing when all is well.</returns>
    /// <exception cref="StoreException">No master answers.</exception>
    public async Task<IReadOnlyList<StoreFinding>> InspectAsync()
    {
        if (_store is null)
        {
            return [];
        }

        var servers = (await _store.ConnectionAsync()).GetServers();
        var masters = servers.Where(server => server is { IsConnected: true, IsReplica: false } && server.ServerType != ServerType.Sentinel).ToList();
        if (masters.Count == 0)
        {
            throw new StoreException("The store does not answer.");
        }

        var found = await Task.WhenAll(masters.Select(async master => (await FaultsOfSettingsAsync(master)).Concat(await FaultsOfReplicasAsync(master))));
        return [.. found.SelectMany(findings => findings)];
    }

    private async Task<IReadOnlyList<StoreFinding>> FaultsOfSettingsAsync(IServer server)
    {
        var name = NameOf(server.EndPoint);
        var values = await Task.WhenAll(Settings.Select(setting => SettingAsync(server, setting)));
        List<StoreFinding> findings = [];
        if (values[0] == "no")
        {
            findings.Add(new(StoreFindingKind.Wrong, $"The store {name} has appendonly no: what it acknowledged is gone when it stops. Set appendonly yes there."));
        }

        if (values[1] == "no")
        {
            findings.Add(new(StoreFindingKind.Wrong, $"The store {name} has appendfsync no: a power cut takes half a minute of what it acknowledged. Set appendfsync always there, or everysec."));
        }
        else if (values[1] == "everysec" && _replicas == 0)
        {
            findings.Add(new(
                StoreFindingKind.Weak,
                $"The store {name} has appendfsync everysec: a power cut takes a second of what it acknowledged. Set appendfsync always there, or DubClerk:ReplicasPerWrite where it has replicas."));
        }

        if (values[2] is not (null or "0") && values[3] is not (null or "noeviction"))
        {
            findings.Add(new(StoreFindingKind.Wrong, $"The store {name} has maxmemory-policy {values[3]}: when it is full it forgets leads without a word. Set maxmemory-policy noeviction there."));
        }

        var unknown = Settings.Where((_, i) => values[i] is null).ToList();
        if (unknown.Count > 0)
        {
            findings.Add(new(
                StoreFindingKind.Unknown,
                $"The store {name} does not let us ask for {string.Join(", ", unknown)}. Make sure yourself that it keeps what it acknowledged, and that it evicts nothing (noeviction)."));
        }

        return findings;
    }

    private async Task<IReadOnlyList<StoreFinding>> FaultsOfReplicasAsync(IServer server)
    {
        if (_replicas == 0)
        {
            return [];
        }

        var name = NameOf(server.EndPoint);
        try
        {
            var info = (string?)await server.ExecuteAsync("INFO", "replication") ?? string.Empty;
            var connected = info.Split("state=online").Length - 1;
            return connected >= _replicas
                ? []
                : [new(StoreFindingKind.Wrong, $"The store {name} has {connected} connected replicas, and DubClerk:ReplicasPerWrite is {_replicas}: no write is acknowledged. Connect more, or lower the setting.")];
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return [new(StoreFindingKind.Unknown, $"The store {name} does not let us ask for its replicas. Make sure yourself that it has {_replicas}.")];
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer.", e);
        }
    }

    /// <returns>Null where it is not said.</returns>
    private static async Task<string?> SettingAsync(IServer server, string name)
    {
        try
        {
            var said = (RedisResult[]?)await server.ExecuteAsync("CONFIG", "GET", name);
            return said is { Length: 2 } ? (string?)said[1] : null;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return null;
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            throw new StoreException("The store did not answer.", e);
        }
    }

    /// <summary>By the server, or by the client of an app that gave it no leave to.</summary>
    private static bool IsRefusal(Exception e) => e is RedisServerException or RedisCommandException;

    private static string NameOf(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? string.Empty;
}
