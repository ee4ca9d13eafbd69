using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.Extensions.FileProviders;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Where style sheets and scripts are: beside the host once it is published, else where the build says. The same whatever folder the host is
/// started in, and whichever program it is a part of.</summary>
internal static class DashboardAssets
{
    /// <summary>Where the host itself is; the program that runs it may be elsewhere.</summary>
    private static readonly string Folder = Path.GetDirectoryName(typeof(DashboardAssets).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;

    private static readonly string BuildManifest = Path.Combine(Folder, "Dub.Clerk.Host.staticwebassets.runtime.json");
    private static readonly string Published = Path.Combine(Folder, "wwwroot");

    /// <summary>Lists each asset with its headers.</summary>
    public static string Manifest { get; } = Path.Combine(Folder, "Dub.Clerk.Host.staticwebassets.endpoints.json");

    public static void FindAssets(this WebApplicationBuilder builder)
    {
        if (File.Exists(BuildManifest))
        {
            var where = new Dictionary<string, string?> { [WebHostDefaults.StaticWebAssetsKey] = BuildManifest };
            StaticWebAssetsLoader.UseStaticWebAssets(builder.Environment, new ConfigurationBuilder().AddInMemoryCollection(where).Build());
        }
        else if (Directory.Exists(Published))
        {
            builder.Environment.WebRootFileProvider = new PhysicalFileProvider(Published);
        }
    }
}
