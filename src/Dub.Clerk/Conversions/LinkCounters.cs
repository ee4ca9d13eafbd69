namespace Dub.Clerk.Conversions;

/// <summary>What a link has brought. Amounts in cents; a conversion is a customer's first sale by the link.</summary>
internal readonly record struct LinkCounters(long Clicks, long Leads, long Conversions, long Sales, long SaleAmount, DateTimeOffset? LastClicked);
