using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Dub.Clerk.Host.Api;

/// <summary>The OpenAPI document, and the page that shows it without asking anybody else for anything.</summary>
internal static class ApiDocument
{
    private const string ApiKey = "ApiKey";

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
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKey, document)] = [] }];
            return Task.CompletedTask;
        });
    }

    public static void ConfigureReference(ScalarOptions options)
    {
        options.Title = "Dub.Clerk API";
        options.DefaultFonts = false;
        options.AddPreferredSecuritySchemes(ApiKey);
    }
}
