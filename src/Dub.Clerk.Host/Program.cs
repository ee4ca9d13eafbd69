using Dub.Clerk.Host.Commands;

return await HostCommands.Create().Parse(args).InvokeAsync();
