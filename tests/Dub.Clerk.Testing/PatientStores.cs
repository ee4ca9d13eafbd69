using System.Net;
using System.Net.Sockets;
using StackExchange.Redis.Configuration;

namespace Dub.Clerk.Testing;

/// <summary>Hosts in this process wait longer for their embedded stores than they would elsewhere: a machine that is busy with other tests is no fault of theirs.</summary>
internal sealed class PatientStores : DefaultOptionsProvider
{
    public override TimeSpan SyncTimeout => TimeSpan.FromSeconds(20);

    /// <summary>From now on.</summary>
    public static void Use() => AddProvider(new PatientStores());

    /// <summary>An embedded store is at a Unix socket, and nothing else is.</summary>
    public override bool IsMatch(EndPoint endpoint) => endpoint is UnixDomainSocketEndPoint;
}
