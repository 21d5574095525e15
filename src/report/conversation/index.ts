export { type ConversationPage, conversationHtml } from './page.js';
