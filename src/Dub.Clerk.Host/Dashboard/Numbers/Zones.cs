using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Dub.Clerk.Host.Dashboard.Numbers;

/// <summary>Time zones to choose from.</summary>
internal static class Zones
{
    /// <summary>One piece of markup, because hundreds of elements would weigh on every open page.</summary>
    public static MarkupString Options { get; } = Write();

    private static MarkupString Write()
    {
        var names = TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.HasIanaId ? zone.Id : TimeZoneInfo.TryConvertWindowsIdToIanaId(zone.Id, out var id) ? id : null)
            .OfType<string>().Where(name => name.Contains('/', StringComparison.Ordinal) && !name.StartsWith("Etc/", StringComparison.Ordinal))
            .Prepend("UTC").Distinct().Order(StringComparer.Ordinal);
        var options = new StringBuilder();
        foreach (var name in names)
        {
            options.Append("<option value=\"").Append(WebUtility.HtmlEncode(name)).Append("\"></option>");
        }

        return new MarkupString(options.ToString());
    }
}
