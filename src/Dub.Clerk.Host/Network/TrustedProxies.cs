using System.Net;
using Dub.Clerk.Host.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;

namespace Dub.Clerk.Host.Network;

/// <summary>Takes a visitor's address and scheme from the proxies that are named in <see cref="ProxyOptions"/>. From everybody else, headers that only a
/// proxy may write are taken out of the request before anything reads them.</summary>
internal static partial class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services, ProxyOptions proxy)
        => services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedProto | (proxy.AddressHeader is null ? ForwardedHeaders.XForwardedFor : ForwardedHeaders.None);
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in proxy.Trusted)
            {
                options.KnownIPNetworks.Add(network);
            }
        });

    /// <summary>Before anything else.</summary>
    public static void UseTrustedProxies(this WebApplication web, ProxyOptions proxy)
    {
        var isTold = 0;
        string[] headers = [.. proxy.Headers];
        web.Use((context, next) =>
        {
            var request = context.Request.Headers;
            if (!proxy.Trusts(context.Connection.RemoteIpAddress))
            {
                if (request.ContainsKey("X-Forwarded-For") && Interlocked.Exchange(ref isTold, 1) == 0)
                {
                    Log.NotTrusted(web.Logger);
                }

                foreach (var header in headers)
                {
                    request.Remove(header);
                }
            }

            return next(context);
        });
        if (proxy.Trusted.Count == 0)
        {
            return;
        }

        web.UseForwardedHeaders();
        if (proxy.AddressHeader is { } name)
        {
            web.Use((context, next) =>
            {
                // The last one is what the proxy wrote itself, with or without a port. Those before it are what the client said.
                if (IPEndPoint.TryParse(context.Request.Headers[name].ToString().Split(',')[^1].Trim(), out var visitor))
                {
                    context.Connection.RemoteIpAddress = visitor.Address;
                }

                return next(context);
            });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.ProxyNotTrusted, LogLevel.Warning, "A request came with X-Forwarded-For from an address that is not in DubClerk:Proxy:Trusted, and the header is not believed. If a proxy of yours sent it, name its address in DubClerk__Proxy__Trusted__0: visitors behind it are taken for one until then. This is said once.")]
        public static partial void NotTrusted(ILogger logger);
    }
}
