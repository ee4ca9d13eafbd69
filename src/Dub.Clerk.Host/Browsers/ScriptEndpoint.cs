using System.Security.Cryptography;
using Dub.Clerk.Host.Network;
using Microsoft.Net.Http.Headers;

namespace Dub.Clerk.Host.Browsers;

/// <summary><c>/analytics/script.js</c>: the script that a site puts on its pages. It is the same for everybody, so caches may keep it.</summary>
internal static class ScriptEndpoint
{
    private const string ContentType = "text/javascript; charset=utf-8";

    private static readonly byte[] Script = Read();
    private static readonly EntityTagHeaderValue Tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Script))[..32]}\"");

    public static void MapBrowserScript(this IEndpointRouteBuilder endpoints)
    {
        foreach (var path in (ReadOnlySpan<string>)["/analytics/script.js", "/api/analytics/script.js"])
        {
            endpoints.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], Get).ExcludeFromDescription().RequireRateLimiting(RateLimits.Pages);
        }
    }

    private static IResult Get(HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=3600";
        // A page that asks for it with crossorigin, as for subresource integrity.
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(Script, ContentType, entityTag: Tag);
    }

    private static byte[] Read()
    {
        using var stream = typeof(ScriptEndpoint).Assembly.GetManifestResourceStream("script.js")
            ?? throw new InvalidOperationException("script.js is not embedded in the assembly.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
