using System.IO.Compression;
using Dub.Clerk.Testing;
using Dub.Clerk.Tests.Packaging;

[assembly: AssemblyFixture(typeof(PackedLibrary))]

namespace Dub.Clerk.Tests.Packaging;

/// <summary>The library as <c>dotnet pack</c> makes it, in a folder of its own; made once, by the first test that wants it.</summary>
public sealed class PackedLibrary : IDisposable
{
    public const string Version = "0.1.0-packed";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-packed-");
    private readonly Lazy<Task<string>> _feed;

    public PackedLibrary() => _feed = new Lazy<Task<string>>(PackAsync);

    /// <summary>A folder that NuGet takes for a source.</summary>
    public Task<string> FeedAsync() => _feed.Value;

    public async Task<ZipArchive> OpenAsync(string extension)
        => await ZipFile.OpenReadAsync(Path.Combine(await FeedAsync(), $"Dub.Clerk.{Version}.{extension}"), TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<string> PackAsync()
    {
        var feed = Path.Combine(_folder.FullName, "feed");
        await DotnetCommand.RunAsync(
            SourceTree.Root,
            "pack", "src/Dub.Clerk", "--artifacts-path", Path.Combine(_folder.FullName, "build"), "-o", feed, $"-p:Version={Version}", "-p:ContinuousIntegrationBuild=true", "-v", "q");
        return feed;
    }
}
