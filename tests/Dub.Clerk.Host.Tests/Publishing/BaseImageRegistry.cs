using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dub.Clerk.Host.Tests.Publishing;

/// <summary>A container registry on loopback with one image, of one empty layer: what <c>PublishContainer</c> builds upon where nothing can be pulled.</summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly WebApplication _web;

    private BaseImageRegistry(WebApplication web) => _web = web;

    /// <summary>The image's name. The SDK speaks plain HTTP with <c>localhost</c>.</summary>
    public string Image => $"localhost:{new Uri(_web.Urls.First()).Port}/base:10.0";

    public static async Task<BaseImageRegistry> StartAsync()
    {
        var tar = EmptyTar();
        var layer = Compress(tar);
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/usr/bin", "APP_UID=1654", "ASPNETCORE_HTTP_PORTS=8080"), ["User"] = "1654" },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(tar)) },
            ["history"] = new JsonArray(),
        }.ToJsonString());
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Blob("application/vnd.docker.container.image.v1+json", config),
            ["layers"] = new JsonArray(Blob("application/vnd.docker.image.rootfs.diff.tar.gzip", layer)),
        }.ToJsonString());

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var web = builder.Build();
        web.MapGet("/v2/", () => Results.Ok());
        web.MapMethods("/v2/base/manifests/{reference}", ["GET", "HEAD"], (HttpContext context) =>
        {
            context.Response.Headers["Docker-Content-Digest"] = Digest(manifest);
            return Results.Bytes(manifest, ManifestType);
        });
        web.MapMethods("/v2/base/blobs/{digest}", ["GET", "HEAD"], (string digest) => digest == Digest(config) ? Results.Bytes(config) : digest == Digest(layer) ? Results.Bytes(layer) : Results.NotFound());
        await web.StartAsync(TestContext.Current.CancellationToken);
        return new BaseImageRegistry(web);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static JsonObject Blob(string type, byte[] bytes) => new() { ["mediaType"] = type, ["size"] = bytes.Length, ["digest"] = Digest(bytes) };

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] EmptyTar()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "home/"));
        }

        return bytes.ToArray();
    }

    private static byte[] Compress(byte[] data)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(data);
        }

        return bytes.ToArray();
    }
}
