using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Packaging;

/// <summary>What somebody gets who adds the package.</summary>
public sealed class PackageTests(PackedLibrary packed)
{
    [Fact]
    public async Task Nuspec_SaysWhatItIsAndNeedsWhatTheLibraryNeeds()
    {
        using var package = await packed.OpenAsync("nupkg");
        var nuspec = await ReadTextAsync(package, "Dub.Clerk.nuspec");
        var metadata = XDocument.Parse(nuspec).Root!.Elements().Single();
        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

        Assert.Equal("Dub.Clerk", Value("id"));
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("icon.png", Value("icon"));
        Assert.Contains("clerk", Value("tags")!.Split(' '));
        Assert.NotEmpty(Value("description")!);
        Assert.Contains("CHANGELOG.md", Value("releaseNotes"), StringComparison.Ordinal);
        Assert.Equal(["Microsoft.AspNetCore.App"], metadata.Descendants().Where(element => element.Name.LocalName == "frameworkReference").Select(element => (string?)element.Attribute("name")));
        Assert.Equal(
            [
                "Microsoft.AspNetCore.Authentication.JwtBearer", "Microsoft.Bcl.Cryptography", "Microsoft.Extensions.Http.Resilience", "Polly.Core", "Polly.Extensions",
                "Polly.RateLimiting", "StackExchange.Redis",
            ],
            metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!).Order(StringComparer.Ordinal));
        // Where it was packed is nobody's business; where its source is, only when that is on the web.
        Assert.DoesNotContain(SourceTree.Root, nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("file:", nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_HasTheLibraryItsDocumentationItsReadmeAndAnIcon()
    {
        using var package = await packed.OpenAsync("nupkg");
        var files = package.Entries.Select(entry => entry.FullName).Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal));

        Assert.Equal(["Dub.Clerk.nuspec", "README.md", "[Content_Types].xml", "icon.png", "lib/net10.0/Dub.Clerk.dll", "lib/net10.0/Dub.Clerk.xml"], files.Order(StringComparer.Ordinal));
        Assert.Contains("M:Microsoft.Extensions.DependencyInjection.", await ReadTextAsync(package, "lib/net10.0/Dub.Clerk.xml"), StringComparison.Ordinal);
        var icon = await ReadAsync(package, "icon.png");
        Assert.Equal([0x89, .. "PNG\r\n\x1A\n"u8], icon[..8]);
        Assert.Equal((128, 128), (BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(20))));
    }

    [Fact]
    public async Task Readme_HasNoLinkThatWorksOnlyInTheRepository()
    {
        using var package = await packed.OpenAsync("nupkg");

        Assert.DoesNotMatch(new Regex(@"\]\((?!https://|#)"), await ReadTextAsync(package, "README.md"));
    }

    [Fact]
    public async Task Symbols_ComeApartAndNameNoFolderOfTheBuild()
    {
        using var package = await packed.OpenAsync("nupkg");
        using var symbols = await packed.OpenAsync("snupkg");
        var pdb = await ReadAsync(symbols, "lib/net10.0/Dub.Clerk.pdb");

        Assert.Equal("BSJB"u8, pdb.AsSpan(0, 4));
        foreach (var file in (byte[][])[pdb, await ReadAsync(package, "lib/net10.0/Dub.Clerk.dll")])
        {
            Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(SourceTree.Root)));
        }
    }

    private static async Task<string> ReadTextAsync(ZipArchive package, string name)
    {
        using var reader = new StreamReader(await package.GetEntry(name)!.OpenAsync(TestContext.Current.CancellationToken));
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<byte[]> ReadAsync(ZipArchive package, string name)
    {
        await using var stream = await package.GetEntry(name)!.OpenAsync(TestContext.Current.CancellationToken);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }
}
