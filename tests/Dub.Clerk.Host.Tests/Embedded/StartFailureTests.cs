using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>A store that cannot start says which folder, why, and what to do; it never starts empty on top of somebody's data.</summary>
public sealed class StartFailureTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("dub-test-");

    private string Folder => Path.Combine(_parent.FullName, "data");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public async Task FolderIsAFile_IsRefused()
    {
        await File.WriteAllTextAsync(Folder, "in the way", TestContext.Current.CancellationToken);

        await AssertRefusedAsync("cannot be written", "DUBCLERK_DATA_DIR");
    }

    [Fact]
    public async Task NewerFormat_IsRefused()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "format"), "2", TestContext.Current.CancellationToken);

        await AssertRefusedAsync("newer Dub.Clerk", "format 2");
    }

    [Fact]
    public async Task UnreadableCheckpoint_IsRefusedEachTime()
    {
        await using (var fixture = await GarnetFixture.StartAsync(checkpointThreshold: 1000))
        {
            await fixture.Database.StringSetAsync("key", new string('x', 10_000));
            await fixture.RestartAsync();
            CopyFolder(fixture.Folder, Folder);
        }

        foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "Store"), "*", SearchOption.AllDirectories))
        {
            await File.WriteAllBytesAsync(file, new byte[512], TestContext.Current.CancellationToken);
        }

        await AssertRefusedAsync("damaged", "backup");
        await AssertRefusedAsync("damaged", "backup");
    }

    [Fact]
    public async Task FoldersMadeByTheStore_BelongToTheirOwnerAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "file modes are Unix's");
        await using var store = new EmbeddedStore(Folder, NullLoggerFactory.Instance, TimeProvider.System);
        await store.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Folder).UnixFileMode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(Folder, "store.sock")).UnixFileMode);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("lock" or "store.sock")))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private async Task AssertRefusedAsync(params string[] parts)
    {
        await using var store = new EmbeddedStore(Folder, NullLoggerFactory.Instance, TimeProvider.System);

        var error = await Assert.ThrowsAsync<EmbeddedStoreException>(() => store.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(Folder, error.Message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
