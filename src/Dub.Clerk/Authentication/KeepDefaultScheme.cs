using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Authentication;

/// <summary>Keeps an app's only scheme the default one. ASP.NET Core takes a single scheme as the default unasked; ours would be the second,
/// and the app's pages would stop signing anyone in.</summary>
internal sealed class KeepDefaultScheme : IPostConfigureOptions<AuthenticationOptions>
{
    public void PostConfigure(string? name, AuthenticationOptions options)
    {
        var suppressed = AppContext.TryGetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", out var isSet) && isSet;
        if (suppressed || options.DefaultScheme is not null)
        {
            return;
        }

        var others = options.Schemes.Where(scheme => !string.Equals(scheme.Name, ClerkAuthenticationDefaults.AuthenticationScheme, StringComparison.Ordinal));
        if (others.Take(2).ToArray() is [var only])
        {
            options.DefaultScheme = only.Name;
        }
    }
}
