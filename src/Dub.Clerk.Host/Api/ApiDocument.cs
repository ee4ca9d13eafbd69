using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Dub.Clerk.Host.Api;

/// <summary>The OpenAPI document, and the page that shows it without asking anybody else for anything.</summary>
internal static class ApiDocument
{
    private const string ApiKey = "ApiKey";
    private const string PublishableKey = "PublishableKey";
    private const string Session = "Session";

    /// <summary>Called with the API key.</summary>
    public static readonly object ByApiKey = new SecurityMetadata(ApiKey);

    /// <summary>Called by pages, with the publishable key.</summary>
    public static readonly object ByPublishableKey = new SecurityMetadata(PublishableKey);

    /// <summary>Called by a signed-in user.</summary>
    public static readonly object BySession = new SecurityMetadata(Session);

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Dub.Clerk",
                Version = "v1",
                Description = "Clerk's webhooks, short links, and a conversion API with the wire format of Dub's.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[ApiKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The value of DUBCLERK_API_KEY.",
            };
            document.Components.SecuritySchemes[PublishableKey] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The value of DUBCLERK_PUBLISHABLE_KEY.",
            };
            document.Components.SecuritySchemes[Session] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "A Clerk session token; a browser on the same site sends it in the cookie __session.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<SecurityMetadata>().LastOrDefault() is { } security)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(security.Scheme, context.Document)] = [] }];
            }

            return Task.CompletedTask;
        });
    }

    public static void ConfigureReference(ScalarOptions options)
    {
        options.Title = "Dub.Clerk API";
        options.AddPreferredSecuritySchemes(ApiKey);

        // Nothing that would ask, or lead to, another site.
        options.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton();
    }

    private sealed record SecurityMetadata(string Scheme);
}
