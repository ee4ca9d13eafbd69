using System.Xml.Linq;
using Dub.Clerk.Store;
using Microsoft.AspNetCore.DataProtection.Repositories;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>The keys that cookies are sealed with, in the store: a session outlives a restart, and every host on the store knows it.</summary>
internal sealed class StoredKeys(StoreConnection store) : IXmlRepository
{
    /// <exception cref="StoreException">The store did not answer.</exception>
    public IReadOnlyCollection<XElement> GetAllElements()
        => [.. store.RunAsync(database => database.ListRangeAsync(store.Keys.DashboardKeys, flags: CommandFlags.DemandMaster)).GetAwaiter().GetResult().Select(element => XElement.Parse((string)element!))];

    /// <exception cref="StoreException">The store did not answer.</exception>
    public void StoreElement(XElement element, string friendlyName)
        => store.WriteAsync("RPUSH", store.Keys.DashboardKeys, element.ToString(SaveOptions.DisableFormatting)).GetAwaiter().GetResult();
}
