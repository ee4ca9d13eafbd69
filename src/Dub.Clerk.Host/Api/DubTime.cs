using System.Globalization;

namespace Dub.Clerk.Host.Api;

/// <summary>Dub's dates: ISO 8601, UTC, milliseconds.</summary>
internal static class DubTime
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string? Format(DateTimeOffset? time) => time is { } known ? Format(known) : null;
}
