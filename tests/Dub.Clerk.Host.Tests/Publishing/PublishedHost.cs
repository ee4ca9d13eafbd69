using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Publishing;

/// <summary>The host as it is built for these tests, published once as a folder and as a container image.</summary>
public sealed class PublishedHost : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-published-");

    /// <summary>What is copied to a server.</summary>
    public string Folder => Path.Combine(_folder.FullName, "host");

    /// <summary>What <c>docker load</c> takes.</summary>
    public string Image => Path.Combine(_folder.FullName, "image.tar");

    public async ValueTask InitializeAsync()
    {
        await using var registry = await BaseImageRegistry.StartAsync();
        await DotnetCommand.RunAsync(
            SourceTree.Root,
            "publish", "src/Dub.Clerk.Host", "--no-build", "-c", DotnetCommand.Configuration, "-o", Folder,
            "-t:PublishContainer", $"-p:ContainerBaseImage={registry.Image}", $"-p:ContainerArchiveOutputPath={Image}", "-v", "q");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_101_101);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
