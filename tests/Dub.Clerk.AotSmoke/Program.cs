var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddDubClerk();

var app = builder.Build();
app.UseDubClerk();
app.MapClerkWebhooks();
app.MapGet("/", () => "Hello World!");
app.Run();
