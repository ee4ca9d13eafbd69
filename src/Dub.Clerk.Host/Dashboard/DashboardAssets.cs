using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.Extensions.FileProviders;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Where style sheets and scripts are: beside the host once it is published, else where the build says. The same whatever folder the host is
/// started in, and whichever program it is a part of.</summary>
internal static class DashboardAssets
{
    /// <summary>Lists each asset with its headers.</summary>
    public static readonly string Manifest = Path.Combine(AppContext.BaseDirectory, "Dub.Clerk.Host.staticwebassets.endpoints.json");

    private static readonly string BuildManifest = Path.Combine(AppContext.BaseDirectory, "Dub.Clerk.Host.staticwebassets.runtime.json");
    private static readonly string Published = Path.Combine(AppContext.BaseDirectory, "wwwroot");

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
