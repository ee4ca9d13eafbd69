using System.Diagnostics.CodeAnalysis;

namespace Dub.Clerk;

/// <summary>Addresses that strangers write.</summary>
internal static class WebAddress
{
    /// <summary>As <see cref="Uri.TryCreate(string?, UriKind, out Uri?)"/>, which lets an exception out for a few texts: when it is called, or when the
    /// host is first asked for.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address)
    {
        try
        {
            return Uri.TryCreate(text, UriKind.Absolute, out address) && address.Host is not null;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or UriFormatException)
        {
            address = null;
            return false;
        }
    }
}
