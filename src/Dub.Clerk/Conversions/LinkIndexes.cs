using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>The indexes a link is in: of all links, of its domain, and of its tenant, apart for archived ones.</summary>
internal static class LinkIndexes
{
    public const string All = "all";

    public static string OfDomain(string domain) => "domain:" + domain;

    public static string OfTenant(string tenantId) => "tenant:" + tenantId;

    public static string Scope(string scope, bool archived) => (archived ? "archived:" : "live:") + scope;

    /// <summary>Always three keys: without a tenant the first is named twice.</summary>
    public static RedisKey[] KeysOf(StoreKeys keys, Link link)
    {
        var shard = StoreKeys.ShardOf(link.Id);
        return
        [
            keys.LinkIndex(shard, Scope(All, link.Archived)),
            keys.LinkIndex(shard, Scope(OfDomain(link.Domain), link.Archived)),
            keys.LinkIndex(shard, Scope(link.TenantId is { Length: > 0 } tenant ? OfTenant(tenant) : All, link.Archived)),
        ];
    }
}
