namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>The link on the console that signs in whoever can read it there. Its code is in the fragment, which browsers send to nobody: it reaches no
/// log, ours or a proxy's, and is not used up by what merely looks at links.</summary>
internal static class ConsoleLink
{
    /// <summary>Where the console is a person's: what a service writes to it is somebody's log.</summary>
    public static void Print(WebApplication web)
    {
        if ((web.Environment.IsDevelopment() || !Console.IsOutputRedirected) && Create(web) is { } link)
        {
            Console.WriteLine($"Dashboard, for whoever reads this (once, within {OneTimeCodes.Lifetime.TotalMinutes:0} minutes): {link}");
        }
    }

    public static string? Create(WebApplication web)
        => web.Services.GetRequiredService<OwnAddress>().Find() is { } address
            ? $"{new Uri(address, DashboardAccess.SignInPath)}#code={web.Services.GetRequiredService<OneTimeCodes>().Create()}"
            : null;
}
