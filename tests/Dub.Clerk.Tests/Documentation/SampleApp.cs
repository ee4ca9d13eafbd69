using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>The lines of the READMEs, compiled as they stand there.</summary>
internal static class SampleApp
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.Services.AddDubClerk();

        var app = builder.Build();
        app.UseDubClerk();
        app.MapClerkWebhooks();
        return app;
    }

    /// <summary>The hooks in the library's README.</summary>
    public static void AddWithHooks(WebApplicationBuilder builder)
    {
        builder.Services.AddDubClerk(options =>
        {
            options.HasConsent = context => context.Request.Cookies["consent"] == "yes";
            options.OnLead = (lead, cancellationToken) =>
            {
                lead.Metadata["plan"] = "trial";
                return ValueTask.CompletedTask;
            };
        });
    }
}
