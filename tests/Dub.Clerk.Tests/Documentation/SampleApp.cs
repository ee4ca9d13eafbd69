using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>The README's lines, compiled and run as they stand there.</summary>
internal static class SampleApp
{
    public static WebApplication Build(WebApplicationBuilder builder)
    {
        // README
        builder.Services.AddDubClerk();

        // and, after var app = builder.Build()
        var app = builder.Build();
        app.UseDubClerk();
        app.MapClerkWebhooks();
        return app;
    }
}
