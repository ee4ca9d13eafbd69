using System.Security.Claims;
using Dub.Clerk.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Dub.Clerk.Host.Dashboard.Access;

/// <summary>Who is let in: a cookie says that somebody signed in, and how. Nothing of the dashboard is readable without it.</summary>
internal static class DashboardAccess
{
    public const string Scheme = "Dashboard";
    public const string Policy = "Dashboard";
    public const string SignInPath = DashboardApp.Root + "/sign-in";
    public const string SignOutPath = DashboardApp.Root + "/sign-out";

    /// <summary>The query parameter of <see cref="SignInPath"/> that says where to go on.</summary>
    public const string ReturnParameter = "to";

    public static void AddDashboardAccess(this IServiceCollection services)
    {
        // Clerk's stays the default, as it is when the library is the only one to add a scheme.
        services.AddAuthentication(ClerkAuthenticationDefaults.AuthenticationScheme).AddCookie(Scheme, Configure);
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.AddAuthenticationSchemes(Scheme).RequireClaim(Session.ViaClaim));
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "dubclerk_antiforgery";
            antiforgery.Cookie.Path = DashboardApp.Root;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            antiforgery.SuppressXFrameOptionsHeader = true;
        });

        // Every host on the store must read what another one of them wrote.
        services.AddDataProtection().SetApplicationName("Dub.Clerk");
        services.AddSingleton<StoredKeys>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(keys => keys.XmlRepository = provider.GetRequiredService<StoredKeys>()));

        // The keys lie beside all that they guard, in a store that has secrets of its own.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error));

        services.AddSingleton<LiveDashboard>();
        services.AddSingleton<OneTimeCodes>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<PersonalDataRule>();
        services.AddCascadingAuthenticationState();
        services.AddScoped<AuthenticationStateProvider, SessionWatch>();
    }

    private static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "dubclerk_dashboard";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.LoginPath = SignInPath;
        options.ReturnUrlParameter = ReturnParameter;
        options.SlidingExpiration = false;
        options.Events.OnRedirectToLogin = context =>
        {
            // A page that is open is not led anywhere by its connection.
            if (context.Request.Path.StartsWithSegments(DashboardApp.Connection, StringComparison.Ordinal))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
            {
                context.Response.Redirect(context.RedirectUri);
            }

            return Task.CompletedTask;
        };
        options.Events.OnValidatePrincipal = context =>
        {
            if (context.Principal is not ClaimsPrincipal principal || !context.HttpContext.RequestServices.GetRequiredService<Sessions>().IsValid(principal))
            {
                context.RejectPrincipal();
            }

            return Task.CompletedTask;
        };
    }
}
